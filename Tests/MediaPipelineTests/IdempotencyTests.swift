import MediaEngine
import MediaPipeline
import ObjectStorage
import TaskCore
import MediaEngine
import Testing

@Suite("media tasks are the same task for the same bytes and the same preset")
struct IdempotencyTests {
    @Test("the same file asked for twice is one task")
    func twice() async throws {
        let world = try await MediaWorld()
        let input = ImageVariants.Input(source: try await world.source(Pictures.gif), preset: .tiny)
        let first = try await ImageVariants.enqueue(input, on: world.manager)
        let second = try await ImageVariants.enqueue(input, on: world.manager)
        #expect(first.id == second.id)
        #expect(try await world.manager.list().records.count == 1)
    }

    @Test("the same bytes under another key and another name are one task")
    func duplicates() async throws {
        let world = try await MediaWorld()
        let one = try await world.source(Pictures.gif, as: "one.gif")
        let two = try await world.source(Pictures.gif, as: "two.gif")
        let folder = { OutputFolder(label: $0, source: $1, preset: .tiny) }
        let first = try await ImageVariants.enqueue(
            .init(source: one, preset: .tiny, folder: folder("one", one)),
            on: world.manager
        )
        let second = try await ImageVariants.enqueue(
            .init(source: two, preset: .tiny, folder: folder("two", two)),
            on: world.manager
        )
        #expect(first.id == second.id)
        let probes = [
            try await ProbeMedia.enqueue(.init(source: one, folder: folder("one", one)), on: world.manager),
            try await ProbeMedia.enqueue(.init(source: two, folder: folder("two", two)), on: world.manager),
        ]
        #expect(probes[0].id == probes[1].id)
    }

    @Test("another preset, other bytes, another type or another scope is another task")
    func different() async throws {
        let world = try await MediaWorld()
        let source = try await world.source(Pictures.gif)
        let other = try await world.source(Pictures.gif + [0], as: "other")
        var larger = MediaPreset.tiny
        larger.image.variants[0].width = 65
        var ids = [
            try await ImageVariants.enqueue(.init(source: source, preset: .tiny), on: world.manager).id,
            try await ImageVariants.enqueue(.init(source: source, preset: larger), on: world.manager).id,
            try await ImageVariants.enqueue(.init(source: other, preset: .tiny), on: world.manager).id,
            try await ImageVariants.enqueue(.init(source: source, preset: .tiny), on: world.manager, scope: "a").id,
        ]
        ids.append(try await VideoPoster.enqueue(.init(source: source, preset: .tiny), on: world.manager).id)
        ids.append(try await ProbeMedia.enqueue(.init(source: source), on: world.manager).id)
        #expect(Set(ids).count == ids.count)
    }

    @Test("a preset's name does not count, what it makes does")
    func presetName() async throws {
        let world = try await MediaWorld()
        let source = try await world.source(Pictures.gif)
        var renamed = MediaPreset.tiny
        renamed.name = "another"
        let first = try await ImageVariants.enqueue(.init(source: source, preset: .tiny), on: world.manager)
        let second = try await ImageVariants.enqueue(.init(source: source, preset: renamed), on: world.manager)
        #expect(first.id == second.id)
    }

    @Test("a key that another task took is a conflict, not an answer")
    func foreignKey() async throws {
        let world = try await MediaWorld()
        let input = ImageVariants.Input(source: try await world.source(Pictures.gif), preset: .tiny)
        let key = ImageVariants.idempotencyKey(for: input)
        try await world.manager.enqueue([NewTask(name: "something.else", idempotency: key)])
        await #expect { try await ImageVariants.enqueue(input, on: world.manager) } throws: {
            ($0 as? TaskError)?.code == .idempotencyConflict
        }
    }

    @Test(
        "outputs lie under the content's hash and the preset, so a second run overwrites its own",
        .timeLimit(.minutes(2))
    )
    func outputKeys() async throws {
        let world = try await MediaWorld()
        let source = try await world.source(Pictures.gif)
        let input = ImageVariants.Input(source: source, preset: .tiny)
        let first = try await ImageVariants.enqueue(input, on: world.manager)
        #expect(try await world.finished(first.id).status == .done)
        let second = try await ImageVariants.enqueue(input, on: world.manager, scope: "again")
        #expect(try await world.finished(second.id).status == .done)
        #expect(try await world.outputKeys == ["\(source.sha256)/\(MediaPreset.tiny.digest)/small.jpg"])
        #expect(try await first.value == second.value)
    }
}
