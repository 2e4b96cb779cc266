import Foundation
import Subprocess
import Testing

@testable import MediaEngine

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The process that decodes: how it ends, and what follows.
@Suite struct ChildProcessTests {
    private func job(in directory: TemporaryDirectory, width: Int = 300) throws -> MediaJob {
        let input = try Pictures.write(try Pictures.stripes(width, 200), as: .png, in: directory, name: "input")
        return .image(ImageJob(input: input, outputDirectory: directory.path + "/out", preset: .standard))
    }

    /// Runs a job with a shell script in the child's place.
    private func failure(of script: String, limits: MediaLimits = MediaLimits()) async throws -> MediaError? {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("#!/bin/sh\n\(script)\n".utf8), as: "child")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let job = try job(in: directory)
        let error = await #expect(throws: MediaError.self) {
            try await MediaEngine(isolation: .childProcess(executable: .path(path)), limits: limits).run(job)
        }
        #expect(directory.contents == ["child", "input.png", "out"])
        return error
    }

    @Test("both places give the same result")
    func same() async throws {
        let directory = try TemporaryDirectory()
        let job = try job(in: directory)
        let inProcess = try await MediaEngine(isolation: .inProcess).run(job)
        let inChild = try await MediaEngine(isolation: .childProcess()).run(job)
        #expect(inProcess == inChild)
    }

    @Test("a crash is worth another attempt; the service lives on")
    func crash() async throws {
        let error = try await failure(of: "kill -SEGV $$")
        #expect(error?.code == .engineCrashed && error?.isPermanent == false)
        let killed = try await failure(of: "kill -KILL $$")
        #expect(killed?.code == .engineCrashed)
    }

    @Test("used up memory or processor time is not worth another attempt")
    func limits() async throws {
        #expect(try await failure(of: "exit 71") == VipsText.outOfMemory)
        #expect(
            try await failure(of: "echo 'GLib-ERROR: failed to allocate 9 bytes' >&2; kill -TRAP $$")
                == VipsText.outOfMemory
        )
        #expect(try await failure(of: "kill -XCPU $$")?.code == .limitExceeded)
        #expect(VipsText.outOfMemory.isPermanent)
    }

    @Test(
        "a child that talks nonsense is not believed",
        arguments: [
            "echo hello", "exit 0", "exit 1", "exit 64", "exit 127", "cat", "head -c 70000000 /dev/zero",
            #"echo '{"result":{"_0":{"probe":{"_0":{"container":"x","video":[],"audio":[],"subtitles":[],"hasCoverArt":false}}}}}'"#,
            #"echo '{"failure":{"_0":{"code":"corruptInput","message":"m","isPermanent":true}}}'; exit 0"#,
        ]
    )
    func nonsense(script: String) async throws {
        let error = try await failure(of: script)
        #expect(error?.isPermanent == false, "\(String(describing: error))")
    }

    @Test("a result whose files are links or missing is not believed")
    func foreignFiles() async throws {
        let directory = try TemporaryDirectory()
        let scratch = try Scratch.make(in: directory.path)
        defer { scratch.remove() }
        try FileManager.default.createSymbolicLink(atPath: scratch.path + "/v.jpg", withDestinationPath: "/etc/passwd")
        let output = ImageOutput(
            variant: "v",
            path: "/etc/passwd",
            format: .jpeg,
            width: 1,
            height: 1,
            frames: 1,
            byteCount: 5
        )
        let result = ImageResult(
            inputFormat: "jpeg",
            inputWidth: 1,
            inputHeight: 1,
            inputFrames: 1,
            outputs: [output]
        )
        let job = ImageJob(
            input: "x",
            outputDirectory: directory.path,
            preset: ImagePreset(variants: [ImageVariant("v")])
        )
        #expect(throws: MediaError.self) { try MediaResult.image(result).committed(for: .image(job), from: scratch) }
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/v.jpg"))
    }

    @Test("a child that ignores its deadline is killed")
    func overdue() async throws {
        var limits = MediaLimits()
        limits.deadline = 0
        let error = try await failure(of: "exec sleep 1000", limits: limits)
        #expect(error?.code == .timedOut)
    }

    @Test("a missing executable is said to be missing, with the remedy")
    func missing() async throws {
        let directory = try TemporaryDirectory()
        let job = try job(in: directory)
        let error = await #expect(throws: MediaError.self) {
            try await MediaEngine(isolation: .childProcess(executable: .path("/nowhere/child"))).run(job)
        }
        #expect(error?.code == .engineUnavailable && error?.message.contains("nowhere") == false)
    }

    @Test("memory beyond the limit ends the job for good")
    func memory() async throws {
        let directory = try TemporaryDirectory()
        var limits = MediaLimits()
        limits.childMemoryBytes = 40 << 20
        let frame = try Pictures.frame(2500, 2500) { x, y in [UInt8(x & 255), UInt8(y & 255), 0] }
        let input = try Pictures.write(frame, as: .png, in: directory, name: "input")
        let variant = ImageVariant("v", formats: [.webp, .avif])
        let job = ImageJob(
            input: input,
            outputDirectory: directory.path + "/out",
            preset: ImagePreset(variants: [variant])
        )
        let error = await #expect(throws: MediaError.self) { try await MediaEngine(limits: limits).run(.image(job)) }
        #expect(error?.code == .limitExceeded && error?.isPermanent == true, "\(String(describing: error))")
        #expect(directory.contents == ["input.png", "out"])
    }

    @Test("nothing of the parent's environment reaches the child")
    func environment() async throws {
        setenv("MEDIA_TEST_SECRET", "do-not-leak", 1)
        let directory = try TemporaryDirectory()
        let trace = directory.path + "/trace"
        _ = try await failure(of: "env > \(trace); exit 64")
        let seen = try String(contentsOfFile: trace, encoding: .utf8)
        #expect(seen.contains("MALLOC_ARENA_MAX") && !seen.contains("do-not-leak"))
    }

    @Test("the child dies with its parent, and its files are removed by the next")
    func parentDies() async throws {
        let directory = try TemporaryDirectory()
        let frame = try Pictures.frame(2200, 900) { x, y in [UInt8(x * y & 255), UInt8(y & 255), UInt8(x & 255)] }
        let input = try Pictures.write(frame, as: .png, in: directory, name: "input")
        let out = directory.path + "/out"
        let outcome = try await Subprocess.run(
            .path(FilePath(Tool.product("SandboxProbe"))),
            arguments: ["parent", Tool.product("media-engine-child")],
            environment: .inherit.updating(["PROBE_INPUT": input, "PROBE_OUTPUT": out]),
            input: .none,
            output: .sequence,
            error: .discarded
        ) { probe in
            var said = ""
            var child: Int32?
            for try await buffer in probe.standardOutput {
                said += buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                guard child == nil, said.contains("rendering") else { continue }
                child = Processes.child(of: probe.processIdentifier.value, named: "media-engine")
                // Held by its identifier before the parent goes, so that it is this child whose end is awaited.
                let watch = child.flatMap(ProcessEnd.init)
                try probe.send(signal: .kill)
                try await #require(watch).wait()
            }
            #expect(!said.contains("finished") && !said.contains("failed"))
            return child
        }
        #expect(outcome.closureResult != nil)
        #expect(directory.contents.contains { $0.hasPrefix("out/.media-") })
        Scratch.sweep(out)
        #expect(directory.contents == ["input.png", "out"])
    }
}
