import Foundation
import Subprocess
import Testing

/// What a process behind the child's walls can still do, tried by a process that goes behind them.
@Suite struct SandboxTests {
    private let probe = Tool.product("SandboxProbe")

    @Test("no socket, no other program, no signal, no lifted limit; threads and pipes still work")
    func calls() async throws {
        let (output, status) = try await Tool.run(probe, "calls")
        #expect(status == .exited(0))
        let works = output.split(separator: "\n").filter { $0.hasSuffix("works") }.map(String.init)
        let refused = output.split(separator: "\n").filter { $0.hasSuffix("refused") }.map(String.init)
        #expect(works == ["read-limit works", "thread works", "pipe works"])
        #expect(
            refused == [
                "socket refused", "unix-socket refused", "socketpair refused", "spawn refused", "exec refused",
                "kill refused", "lift-limit refused",
            ]
        )
    }

    @Test("the input can be read, the scratch directory written, nothing else touched")
    func files() async throws {
        let directory = try TemporaryDirectory()
        let input = try directory.write([1], as: "input")
        let secret = try directory.write([2], as: "secret")
        let scratch = directory.path + "/scratch"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: false)
        let (output, status) = try await Tool.run(probe, "files", input, secret, scratch)
        #expect(status == .exited(0))
        // Kernels without Landlock cannot restrict files; the rest of the walls stand there too.
        if output == "unsupported\n" { return }
        #expect(
            output.split(separator: "\n") == [
                "input works", "write-input refused", "secret refused", "passwd refused", "scratch works",
                "beside refused",
            ]
        )
    }

    @Test("memory ends at its limit, with a status of its own")
    func memory() async throws {
        let (output, status) = try await Tool.run(probe, "memory")
        #expect(status == .exited(71))
        let taken = try #require(Int(output.split(separator: " ").last?.dropLast() ?? ""))
        #expect((100..<200).contains(taken))
    }

    @Test("a crash while there is memory is a crash")
    func crash() async throws {
        let (_, status) = try await Tool.run(probe, "crash")
        #expect(status == .signaled(SIGABRT))
    }
}
