#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreProbe {
    /// The ids of all changes since a cursor, page by page, and the cursor after them.
    func follow(from cursor: ChangeCursor, limit: Int = 100) async throws -> (ids: [TaskID], cursor: ChangeCursor) {
        var (ids, cursor): ([TaskID], ChangeCursor) = ([], cursor)
        for _ in 0..<10_000 {
            let page = try await store.changes(since: cursor, limit: limit)
            try expect(page.isComplete, "the page is complete", seen: page)
            try expect(page.ids.count <= limit, "at most \(limit) ids", seen: page.ids.count)
            ids += page.ids
            cursor = page.cursor
            if !page.hasMore { return (ids, cursor) }
        }
        throw failure("the changes", expected: "an end", seen: "10 000 pages")
    }

    func here() async throws -> ChangeCursor { try await store.changes(since: nil, limit: 1).cursor }
}

extension StoreConformance {
    static let changeChecks: [StoreCheck] = [
        StoreCheck("changes", "without a cursor there are no ids, and the cursor is that of now") { store in
            try await store.add(5)
            let page = try await store.store.changes(since: nil, limit: 100)
            try store.expect(page.ids, equals: [], "ids")
            try store.expect(page.isComplete, equals: true, "isComplete")
            try store.expect(page.hasMore, equals: false, "hasMore")
            let later = try await store.store.changes(since: page.cursor, limit: 100)
            try store.expect(later.ids, equals: [], "ids since then")
            let task = try await store.add()
            try store.expect(try await store.follow(from: page.cursor).ids, equals: [task.id], "ids after a change")
        },
        StoreCheck("changes", "whatever changes a record is one") { store in
            var cursor = try await store.here()
            func expectChange(_ what: String, _ ids: TaskID...) async throws {
                let seen = try await store.follow(from: cursor)
                try store.expect(Set(seen.ids), equals: Set(ids), "the ids after \(what)")
                cursor = seen.cursor
            }
            let task = NewTask(name: "t", maxAttempts: 9, timeout: .seconds(1))
            try await store.add(task)
            try await expectChange("an enqueue", task.id)
            _ = try await store.update(task.id, TaskChanges(priority: 1))
            try await expectChange("an update", task.id)
            let first = try await store.claimAgain(task.id)
            try await expectChange("a claim", task.id)
            _ = try await store.beat(.a, TaskReport(lease: first.lease, progress: TaskProgress(processed: 1)))
            try await expectChange("a report", task.id)
            try await store.end(first, .failed(.boom, retryAfter: .zero), as: .queued)
            try await expectChange("a finish", task.id)
            _ = try await store.claimAgain(task.id)
            store.advance(.seconds(21))
            _ = try await store.store.rescue(limit: 10)
            try await expectChange("a rescue", task.id)
            _ = try await store.claimAgain(task.id)
            try await store.store.retire(.a)
            try await expectChange("a retirement", task.id)
            let last = try await store.claimAgain(task.id)
            _ = try await store.cancel(task.id)
            try await expectChange("a request to stop", task.id)
            try await store.end(last, .cancelled, as: .cancelled)
            _ = try await store.retry(task.id)
            try await expectChange("a retry", task.id)
            _ = try await store.cancel(task.id)
            try await expectChange("a cancel", task.id)
            let followUp = NewTask.plain
            let parent = try await store.start()
            try await store.end(parent, .done(result: .null, followUps: [followUp]), as: .done)
            try await expectChange("a finish with a follow-up", parent.record.id, followUp.id)
        },
        StoreCheck("changes", "the oldest come first, at most the limit, and hasMore says whether to go on") { store in
            let cursor = try await store.here()
            let ids = try await store.add(10).map(\.id)
            let first = try await store.store.changes(since: cursor, limit: 4)
            try store.expect(first.ids, equals: Array(ids[0..<4]), "the first page")
            try store.expect(first.hasMore, equals: true, "hasMore of the first page")
            let rest = try await store.follow(from: first.cursor, limit: 4)
            try store.expect(rest.ids, equals: Array(ids[4...]), "the rest")
        },
        StoreCheck("changes", "the same cursor can be read again") { store in
            let cursor = try await store.here()
            let ids = try await store.add(5).map(\.id)
            for _ in 0..<2 {
                try store.expect(try await store.follow(from: cursor, limit: 2).ids, equals: ids, "ids")
            }
        },
        StoreCheck("changes", "a task that changed after its page was read is named again") { store in
            var cursor = try await store.here()
            let task = try await store.add()
            for priority in 1...5 {
                cursor = try await store.follow(from: cursor).cursor
                _ = try await store.update(task.id, TaskChanges(priority: priority))
                try store.expect(try await store.follow(from: cursor).ids, equals: [task.id], "ids")
            }
        },
        StoreCheck("changes", "followers never miss the last state of a task under eight writers at once") { store in
            let start = try await store.here()
            let writing = Shared(8)
            let known = Shared<[TaskID: Int64]>([:])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        defer { writing.change { $0 -= 1 } }
                        let queue = "q\(writer)"
                        for _ in 0..<25 {
                            let claimed = try await store.start(NewTask(name: "t", queue: queue), by: .a)
                            await Task.yield()
                            _ = try await store.beat(.a, TaskReport(lease: claimed.lease, metadata: ["x": 1]))
                            await Task.yield()
                            try await store.end(claimed, .done(result: .null, followUps: []), as: .done)
                            await Task.yield()
                        }
                    }
                }
                group.addTask {
                    var cursor = start
                    while !Task.isCancelled {
                        let isLast = writing.current == 0
                        let page = try await store.follow(from: cursor, limit: 7)
                        cursor = page.cursor
                        let records = try await store.store.tasks(page.ids).compactMap { $0 }
                        known.change { known in for record in records { known[record.id] = record.version } }
                        if isLast { return }
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
            let all = try await store.walk(TaskQuery(limit: 1000))
            try store.expect(all.count, equals: 200, "stored tasks")
            let versions = known.current
            let missed = all.filter { versions[$0.id] != $0.version }
            try store.expect(missed.isEmpty, "the follower knows every last version", seen: missed.map(\.id))
        },
        StoreCheck("changes", "after many changes a page is complete or says that it is not") { store in
            let cursor = try await store.here()
            var ids: Set<TaskID> = []
            for _ in 0..<10 { ids.formUnion(try await store.add(500).map(\.id)) }
            var (seen, next): (Set<TaskID>, ChangeCursor) = ([], cursor)
            for _ in 0..<100 {
                let page = try await store.store.changes(since: next, limit: 999)
                guard page.isComplete else { return }
                seen.formUnion(page.ids)
                next = page.cursor
                if !page.hasMore { break }
            }
            try store.expect(seen.count, equals: ids.count, "tasks named")
        },
        StoreCheck("changes", "a cursor that the store never wrote is answered as incomplete") { store in
            try await store.add()
            for text in ["", "nonsense", "-1", "99999999999999999999", "9000000000000"] {
                let page = try await store.store.changes(since: ChangeCursor(rawValue: text), limit: 10)
                try store.expect(page.isComplete, equals: false, "isComplete for the cursor '\(text)'")
                let task = try await store.add()
                let next = try await store.follow(from: page.cursor).ids
                try store.expect(next, equals: [task.id], "ids after the cursor that it answers")
            }
        },
        StoreCheck("changes", "pruning is none") { store in
            _ = try await store.make(.done)
            let cursor = try await store.here()
            store.advance(.seconds(60))
            _ = try await store.store.prune(.finished(olderThan: .seconds(1)), limit: 10)
            try store.expect(try await store.follow(from: cursor).ids, equals: [], "ids")
        },
    ]

    static let signalChecks: [StoreCheck] = [
        signalCheck(.work, "a task is enqueued") { store in { try await store.add() } },
        signalCheck(.work, "a queue is let go on") { store in
            try await store.store.setPaused(true, queue: "default")
            try await store.add()
            return { try await store.store.setPaused(false, queue: "default") }
        },
        signalCheck(.work, "a task is given back") { store in
            let claimed = try await store.start()
            return { try await store.end(claimed, .released, as: .queued) }
        },
        signalCheck(.work, "a task is retried") { store in
            let failed = try await store.make(.failed)
            return { _ = try await store.retry(failed.id) }
        },
        signalCheck(.work, "a task is rescued") { store in
            _ = try await store.start()
            store.advance(.seconds(21))
            return { _ = try await store.store.rescue(limit: 1) }
        },
        signalCheck(.changes, "a task ends") { store in
            let claimed = try await store.start()
            return { try await store.end(claimed, .done(result: .null, followUps: []), as: .done) }
        },
        signalCheck(.changes, "progress is reported") { store in
            let claimed = try await store.start()
            return {
                _ = try await store.beat(.a, TaskReport(lease: claimed.lease, progress: TaskProgress(processed: 1)))
            }
        },
        signalCheck(.cancellations, "a running task is asked to stop") { store in
            let claimed = try await store.start()
            return { _ = try await store.cancel(claimed.record.id) }
        },
        StoreCheck("signals", "every listener gets its own") { store in
            let streams = (0..<5).map { _ in store.store.signals(.work) }
            try await store.add()
            for stream in streams { try await store.expectSignal(in: stream) }
        },
        StoreCheck("signals", "one that is not read keeps at most one waiting, and delays nobody") { store in
            let stream = store.store.signals(.changes)
            for _ in 0..<200 { try await store.add() }
            await store.store.close()
            var count = 0
            for await _ in stream { count += 1 }
            try store.expect(count <= 1, "at most one was waiting", seen: count)
        },
        StoreCheck("signals", "the streams end when the store closes, also those asked for afterwards") { store in
            let streams = SignalKind.allCases.map { store.store.signals($0) }
            await store.store.close()
            for stream in streams + [store.store.signals(.work)] {
                for await _ in stream {}
            }
        },
        StoreCheck("signals", "a listener that goes away disturbs nobody") { store in
            for _ in 0..<20 {
                let listener = Task { for await _ in store.store.signals(.work) {} }
                listener.cancel()
                await listener.value
            }
            let stream = store.store.signals(.work)
            try await store.add()
            try await store.expectSignal(in: stream)
        },
    ]

    private static func signalCheck(
        _ kind: SignalKind,
        _ when: String,
        _ prepare: @escaping @Sendable (StoreProbe) async throws -> @Sendable () async throws -> Void
    ) -> StoreCheck {
        StoreCheck("signals", "'\(kind)' comes when \(when)") { store in
            let act = try await prepare(store)
            let stream = store.store.signals(kind)
            try await act()
            try await store.expectSignal(in: stream)
        }
    }
}

extension StoreProbe {
    /// Waits for a signal; hints may be late, so the limit is long.
    func expectSignal(in stream: AsyncStream<Void>) async throws {
        try await withTimeLimit(.seconds(30), self) {
            var iterator = stream.makeAsyncIterator()
            guard await iterator.next() == nil else { return }
            throw failure("waiting for a signal", expected: "one", seen: "the stream ended")
        }
    }
}
