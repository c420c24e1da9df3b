/*
 * The hardware of the lab's board, for a guest of four CPUs on QEMU's q35 machine with `-device pc-testdev`: two frequency domains that the stock driver acpi-cpufreq
 * serves, and two thermal zones. Sources: the ACPI specification, chapters 8.4 (processor performance) and 11 (thermal).
 *
 * pc-testdev lends plain bytes that both sides can read and write, I/O ports 0xE0 to 0xE3 and memory at 0xFF000000:
 *   0xE0, 0xE1                state that the kernel chose for the little and the big domain
 *   0xE2, 0xE3                temperature of the zones, degrees C; 0, as after power-on, is 30
 *   0xFF000000, 0xFF000001    highest state that firmware allows the domains; 0 is no limit
 */
DefinitionBlock ("", "SSDT", 2, "FLYBAL", "BOARD", 1)
{
    External (\_SB.CPUS.C000, ProcessorObj)
    External (\_SB.CPUS.C001, ProcessorObj)
    External (\_SB.CPUS.C002, ProcessorObj)
    External (\_SB.CPUS.C003, ProcessorObj)

    Scope (\_SB)
    {
        OperationRegion (HEAT, SystemIO, 0xE2, 2)
        Field (HEAT, ByteAcc, NoLock, Preserve) { DEG0, 8, DEG1, 8 }
        OperationRegion (FIRM, SystemMemory, 0xFF000000, 2)
        Field (FIRM, ByteAcc, NoLock, Preserve) { TOP0, 8, TOP1, 8 }

        /* Each state: MHz, mW, two latencies in us, what is written and what is read back. */
        Name (LPSS, Package () {
            Package () { 1400, 1100, 10, 10, 1, 1 },
            Package () { 1200,  800, 10, 10, 2, 2 },
            Package () { 1000,  600, 10, 10, 3, 3 },
            Package () {  700,  350, 10, 10, 4, 4 },
            Package () {  400,  150, 10, 10, 5, 5 }
        })
        Name (BPSS, Package () {
            Package () { 2000, 3600, 10, 10, 1, 1 },
            Package () { 1700, 2500, 10, 10, 2, 2 },
            Package () { 1400, 1700, 10, 10, 3, 3 },
            Package () { 1000, 1000, 10, 10, 4, 4 },
            Package () {  600,  500, 10, 10, 5, 5 }
        })
        Name (LPCT, Package () { ResourceTemplate () { Register (SystemIO, 8, 0, 0xE0) }, ResourceTemplate () { Register (SystemIO, 8, 0, 0xE0) } })
        Name (BPCT, Package () { ResourceTemplate () { Register (SystemIO, 8, 0, 0xE1) }, ResourceTemplate () { Register (SystemIO, 8, 0, 0xE1) } })
        /* Software coordinates all (0xFC) of the two CPUs of a domain. */
        Name (LPSD, Package () { Package () { 5, 0, 0, 0xFC, 2 } })
        Name (BPSD, Package () { Package () { 5, 0, 1, 0xFC, 2 } })

        Method (KELV, 1) { If (Arg0 == 0) { Return (3032) } Return (2732 + Arg0 * 10) }

        /* Firmware would interrupt when its limit changes. Here whoever reads the first zone does, as the kernel does every second. */
        Name (OLD0, 0)
        Name (OLD1, 0)
        Method (TELL)
        {
            If (OLD0 != TOP0) { OLD0 = TOP0 Notify (\_SB.CPUS.C000, 0x80) Notify (\_SB.CPUS.C001, 0x80) }
            If (OLD1 != TOP1) { OLD1 = TOP1 Notify (\_SB.CPUS.C002, 0x80) Notify (\_SB.CPUS.C003, 0x80) }
        }
    }

    Scope (\_SB.CPUS.C000) { Method (_PSS) { Return (LPSS) } Method (_PCT) { Return (LPCT) } Method (_PSD) { Return (LPSD) } Method (_PPC) { Return (TOP0) } }
    Scope (\_SB.CPUS.C001) { Method (_PSS) { Return (LPSS) } Method (_PCT) { Return (LPCT) } Method (_PSD) { Return (LPSD) } Method (_PPC) { Return (TOP0) } }
    Scope (\_SB.CPUS.C002) { Method (_PSS) { Return (BPSS) } Method (_PCT) { Return (BPCT) } Method (_PSD) { Return (BPSD) } Method (_PPC) { Return (TOP1) } }
    Scope (\_SB.CPUS.C003) { Method (_PSS) { Return (BPSS) } Method (_PCT) { Return (BPCT) } Method (_PSD) { Return (BPSD) } Method (_PPC) { Return (TOP1) } }

    Scope (\_TZ)
    {
        ThermalZone (SOCZ)
        {
            Method (_TMP) { \_SB.TELL () Return (\_SB.KELV (\_SB.DEG0)) }
            Name (_PSV, 3582) /* from 85 C on the CPUs are slowed down, step by step */
            Name (_CRT, 4232) /* 150 C: out of reach */
            Name (_PSL, Package () { \_SB.CPUS.C000, \_SB.CPUS.C001, \_SB.CPUS.C002, \_SB.CPUS.C003 })
            Name (_TC1, 2)
            Name (_TC2, 3)
            Name (_TSP, 10)
            Name (_TZP, 10) /* tenths of a second */
        }
        ThermalZone (SKIN)
        {
            Method (_TMP) { Return (\_SB.KELV (\_SB.DEG1)) }
            Name (_CRT, 4232)
            Name (_TZP, 10)
        }
    }
}
