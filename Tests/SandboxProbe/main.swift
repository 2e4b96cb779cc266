// Goes behind the child's walls and tries what must not work; or plays a parent that is about to die. For tests only.
internal import CSandbox
internal import Glibc
internal import MediaEngine

func say(_ name: String, _ works: Bool) {
    print("\(name) \(works ? "works" : "refused")")
    fflush(nil)
}

switch CommandLine.arguments.dropFirst().first {
case "calls":
    guard csandbox_restrict_calls() == 0 else { exit(2) }
    say("socket", socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) >= 0)
    say("unix-socket", socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) >= 0)
    var ends: [Int32] = [0, 0]
    say("socketpair", socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    var pid = pid_t()
    say("spawn", posix_spawn(&pid, "/bin/true", nil, nil, [nil], [nil]) == 0)
    var arguments: [UnsafeMutablePointer<CChar>?] = [nil]
    say("exec", execv("/bin/true", &arguments) == 0)
    say("kill", kill(getppid(), 0) == 0)
    var limit = rlimit(rlim_cur: 1 << 40, rlim_max: 1 << 40)
    say("lift-limit", setrlimit(__rlimit_resource_t(UInt32(RLIMIT_AS.rawValue)), &limit) == 0)
    say("read-limit", getrlimit(__rlimit_resource_t(UInt32(RLIMIT_AS.rawValue)), &limit) == 0)
    say("thread", ProbeThread.starts())
    say("pipe", pipe(&ends) == 0)

case "files":
    // files INPUT SECRET SCRATCH
    let paths = Array(CommandLine.arguments.dropFirst(2))
    guard paths.count == 3 else { exit(2) }
    let status = paths[0].withCString { input in
        paths[2].withCString { scratch in
            [Optional(input)].withUnsafeBufferPointer { csandbox_restrict_files($0.baseAddress, 1, scratch) }
        }
    }
    if status == CSANDBOX_UNSUPPORTED {
        print("unsupported")
        exit(0)
    }
    guard status == 0 else { exit(2) }
    say("input", open(paths[0], O_RDONLY) >= 0)
    say("write-input", open(paths[0], O_WRONLY) >= 0)
    say("secret", open(paths[1], O_RDONLY) >= 0)
    say("passwd", open("/etc/passwd", O_RDONLY) >= 0)
    say("scratch", open(paths[2] + "/new", O_CREAT | O_WRONLY, 0o600) >= 0)
    say("beside", open(paths[2] + "/../new", O_CREAT | O_WRONLY, 0o600) >= 0)

case "memory":
    // Takes memory until it is refused, then does what a library does that cannot go on.
    var limits = CSandboxLimits(data_bytes: 200 << 20, address_bytes: 4 << 30, cpu_seconds: 20, file_bytes: 1 << 20)
    guard csandbox_exit_when_out_of_memory(71) == 0, csandbox_limit(&limits) == 0 else { exit(2) }
    var taken = 0
    while let block = malloc(1 << 20) {
        memset(block, 1, 1 << 20)
        taken += 1
        if taken > 1024 { exit(3) }
    }
    print("taken \(taken)")
    fflush(nil)
    abort()

case "crash":
    guard csandbox_exit_when_out_of_memory(71) == 0 else { exit(2) }
    abort()

case "parent":
    // parent CHILD: starts the child on the request from standard input, with this process's output, and waits for it.
    guard let child = CommandLine.arguments.dropFirst(2).first else { exit(2) }
    exit(await ProbeParent.run(child))

case "peak":
    // peak CHILD: as above, with one short job; prints the child's peak memory.
    guard let child = CommandLine.arguments.dropFirst(2).first else { exit(2) }
    exit(await ProbeParent.peak(child))

default:
    exit(64)
}
