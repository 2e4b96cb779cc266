import Foundation
import Synchronization
import Testing

@testable import MediaEngine

/// Jobs that end early leave nothing behind.
@Suite struct CancellationTests {
    static let isolations: [MediaEngine.Isolation] = [.inProcess, .childProcess()]

    /// A job of some seconds.
    private func longJob(in directory: TemporaryDirectory) throws -> MediaJob {
        let frame = try Pictures.frame(1200, 900) { x, y in
            [UInt8(x * y % 251), UInt8((x * 7 + y * 3) % 253), UInt8((x ^ y) & 255)]
        }
        let input = try Pictures.write(frame, as: .png, in: directory, name: "input")
        let variants = (0..<40).map { ImageVariant("v\($0)", width: 1000 - $0, formats: [.avif, .webp]) }
        return .image(
            ImageJob(
                input: input,
                outputDirectory: directory.path + "/out",
                preset: ImagePreset(variants: variants)
            )
        )
    }

    @Test("a cancelled job throws 'cancelled' and leaves no file", arguments: isolations)
    func cancelled(isolation: MediaEngine.Isolation) async throws {
        let directory = try TemporaryDirectory()
        let job = try longJob(in: directory)
        let (rendering, signal) = AsyncStream<Void>.makeStream()
        let running = Task {
            try await MediaEngine(isolation: isolation).run(job) { if $0.phase == .render { signal.yield() } }
        }
        for await _ in rendering { break }
        #expect(directory.contents.contains { $0.hasPrefix("out/.media-") })
        running.cancel()
        let error = await #expect(throws: MediaError.self) { try await running.value }
        #expect(error?.code == .cancelled && error?.isPermanent == false)
        #expect(directory.contents == ["input.png", "out"])
    }

    @Test("a job that was cancelled before it began does not begin", arguments: isolations)
    func cancelledBefore(isolation: MediaEngine.Isolation) async throws {
        let directory = try TemporaryDirectory()
        let job = try longJob(in: directory)
        let seen = Recorder<MediaProgress>()
        let running = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await MediaEngine(isolation: isolation).run(job) { seen.add($0) }
        }
        let error = await #expect(throws: MediaError.self) { try await running.value }
        #expect(error?.code == .cancelled)
        #expect(seen.all.filter { $0.phase == .render }.isEmpty)
    }

    @Test("a job waiting for its turn can be cancelled, and the next one gets the turn")
    func cancelledWhileWaiting() async throws {
        let slots = JobSlots(1)
        let (began, begin) = AsyncStream<Void>.makeStream()
        let (ended, end) = AsyncStream<Void>.makeStream()
        let first = Task {
            try await slots.withSlot { () throws(MediaError) in
                begin.yield()
                for await _ in ended { break }
                return 1
            }
        }
        for await _ in began { break }
        let second = Task { try await slots.withSlot { () throws(MediaError) in 2 } }
        let third = Task { try await slots.withSlot { () throws(MediaError) in 3 } }
        second.cancel()
        let error = await #expect(throws: MediaError.self) { try await second.value }
        #expect(error?.code == .cancelled)
        end.yield()
        #expect(try await first.value == 1)
        #expect(try await third.value == 3)
    }

    @Test("no more jobs run at once than there are slots")
    func slots() async throws {
        let slots = JobSlots(3)
        let gauge = Gauge()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await slots.withSlot { () throws(MediaError) in
                        gauge.enter()
                        await Task.yield()
                        gauge.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(gauge.most <= 3 && gauge.now == 0)
    }

    @Test("a deadline ends the work as 'timedOut'", arguments: isolations)
    func deadline(isolation: MediaEngine.Isolation) async throws {
        let directory = try TemporaryDirectory()
        var limits = MediaLimits()
        limits.deadline = 0.3
        let job = try longJob(in: directory)
        let error = await #expect(throws: MediaError.self) {
            try await MediaEngine(isolation: isolation, limits: limits).run(job)
        }
        #expect(error?.code == .timedOut)
        #expect(directory.contents == ["input.png", "out"])
    }

    @Test("what a dead process left is removed by the next job, what a living one uses is not")
    func sweep() async throws {
        let directory = try TemporaryDirectory()
        let input = try Pictures.write(try Pictures.stripes(30, 30), as: .png, in: directory, name: "input")
        let out = directory.path + "/out"
        let living = try Scratch.make(in: out)
        try FileManager.default.createDirectory(atPath: out + "/.media-dead", withIntermediateDirectories: false)
        _ = FileManager.default.createFile(atPath: out + "/.media-dead/half.jpg", contents: Data([1]))
        let job = ImageJob(input: input, outputDirectory: out, preset: .standard)
        _ = try await MediaEngine(isolation: .inProcess).run(.image(job))
        let left = directory.contents.filter { $0.hasPrefix("out/.media") }
        #expect(left == [String(living.path.dropFirst(directory.path.count + 1))])
        living.remove()
        #expect(directory.contents == ["input.png", "out", "out/large.jpg", "out/medium.jpg", "out/thumb.jpg"])
    }

    @Test("outputs are put into place all together or not at all")
    func commit() throws {
        let directory = try TemporaryDirectory()
        let scratch = try Scratch.make(in: directory.path)
        defer { scratch.remove() }
        _ = FileManager.default.createFile(atPath: scratch.path + "/a", contents: Data([1]))
        let error = #expect(throws: MediaError.self) { try scratch.commit(["a", "missing"], to: directory.path) }
        #expect(error?.code == .outputFailed && error?.isPermanent == false)
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/a"))
    }
}

/// Counts who is inside.
private final class Gauge: Sendable {
    private let state = Mutex((now: 0, most: 0))

    func enter() {
        state.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }

    var now: Int { state.withLock { $0.now } }
    var most: Int { state.withLock { $0.most } }
}
