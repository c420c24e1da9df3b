# Read by init.sh where the job asks for systemd: gives /new, which has the shares, what systemd needs of a root file system, and starts it there. The job is a unit of it, after the basic ones (journal, udev, tmpfiles).
# The packages lie over the host's /usr.
mount -t overlay -o lowerdir=/new/systemd/usr:/new/usr usr /new/usr || echo 'guest: no overlay for /usr'
chmod 755 /new
for dir in proc sys dev run tmp var root etc opt home; do mkdir -p /new/$dir; done
chmod 1777 /new/tmp
for dir in bin sbin lib lib64; do ln -s usr/$dir /new/$dir; done
cp -a /new/systemd/etc/. /etc/passwd /etc/group /etc/ld.so.cache /new/etc/
: >/new/etc/fstab
echo 0123456789abcdef0123456789abcdef >/new/etc/machine-id
# Later than anything in /usr: no index of hardware or libraries is rebuilt.
touch /new/etc/.updated /new/var/.updated
cp /bin/busybox /new/opt/busybox
ln -s busybox /new/opt/devmem
cp -r /modules /new/opt/
mkdir -p /new/etc/systemd/system
cat >/new/etc/systemd/system/lab.target <<'EOF'
[Unit]
Requires=basic.target job.service
AllowIsolate=yes
EOF
cat >/new/etc/systemd/system/job.service <<'EOF'
[Unit]
Requires=basic.target
After=basic.target
[Service]
Type=exec
WorkingDirectory=/job
Environment=HOME=/root PATH=/usr/bin:/usr/sbin:/opt
ExecStart=/bin/sh -c 'sh ./run.sh; echo $? >status; sync'
ExecStopPost=/bin/systemctl --force --force poweroff
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
EOF
for dir in /proc /sys /dev; do mount --move $dir /new$dir; done
umount /run /tmp
exec switch_root /new /usr/lib/systemd/systemd
