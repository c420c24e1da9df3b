#!/bin/busybox sh
# First process of the guest: makes it habitable, runs /job/run.sh, leaves its status in /job/status, and switches the machine off.
/bin/busybox mkdir -p /proc /sys /dev /tmp /run /root /var /usr /job /etc
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin:/usr/sbin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
for dir in /dev/shm /tmp /run; do mount -t tmpfs tmpfs $dir; done
chmod 1777 /tmp /dev/shm
while read -r module; do insmod /modules/$module.ko || echo "guest: no module $module"; done </modules/order
ip link set lo up
# Below what the shares are mounted: another root where systemd is to be the first process.
root=
case " $(cat /proc/cmdline) " in
  *' share.systemd='*) root=/new && mkdir /new && mount -t tmpfs tmpfs /new ;;
  *) mount -t cgroup2 cgroup2 /sys/fs/cgroup ;;
esac
# Folders of the host: each at its own place, named by a list on the kernel's command line: share.TAG=PATH, share.TAG=PATH:rw
for word in $(cat /proc/cmdline); do
  case $word in
    share.*)
      tag=${word#share.}; tag=${tag%%=*}; path=${word#*=}; mode=ro,cache=loose
      case $path in *:rw) path=${path%:rw}; mode=rw,cache=none,access=client ;; esac
      mkdir -p "$root$path"
      mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,$mode "$tag" "$root$path" || echo "guest: no share $tag at $path"
      ;;
  esac
done
[ -z "$root" ] || . /systemd.sh
cd /job
sh ./run.sh >/dev/console 2>&1
echo $? >/job/status
cd /
sync
umount /job
poweroff -f
