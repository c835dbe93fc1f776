import Testing

@testable import Telemetry

@Suite struct MachineMemoryTests {
  @Test func `the memory of the machine is what the kernel says, 1 GiB where it says nothing`() {
    #expect(
      MachineMemory.installed("MemTotal:       24617012 kB\nMemFree: 1 kB\n") == 24_617_012 << 10)
    #expect(MachineMemory.installed("") == 1 << 30)
  }

  @Test func `a limit is a number, and no limit is none`() {
    #expect(MachineMemory.limit("1073741824\n") == 1 << 30)
    #expect(MachineMemory.limit("max\n") == nil)
    #expect(MachineMemory.limit("") == nil)
  }

  @Test func `the limits of all groups above a process count, in both versions`() {
    let files = MachineMemory.limitFiles("4:cpu,memory:/a/b\n2:cpuset:/x\n0::/user/one\n")
    #expect(
      files == [
        "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/a/memory.limit_in_bytes",
        "/sys/fs/cgroup/user/one/memory.max", "/sys/fs/cgroup/user/memory.max",
      ])
  }

  @Test func `this process may use some memory`() {
    #expect(MachineMemory.byteCount > 64 << 20)
  }
}
