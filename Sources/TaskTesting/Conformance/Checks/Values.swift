#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    /// Texts that have broken stores before.
    static let hostileTexts = [
        "👍🏽 family 👨‍👩‍👧‍👦", "O'Neill said \"hi\"; -- DROP TABLE task", "\\ \\n \\u0000 %s %d ${x} {{y}}", "\t\r\n",
        "日本語テキスト", "عربى من اليمين", "e\u{301} and \u{e9}", "\u{FEFF}bom\u{200B}zero width", "\u{10FFFF}\u{FFFD}",
        "a", " spaces at both ends ",
    ]

    private static func bytes(_ count: Int) -> String { String(repeating: "x", count: count) }

    static let valueChecks: [StoreCheck] = [
        StoreCheck("values", "texts come back unchanged wherever a task holds one") { store in
            for text in hostileTexts {
                let input = try JSONText(encoding: [text: text])
                let asked = NewTask(
                    name: text,
                    input: input,
                    queue: text,
                    metadata: [text: .string(text)],
                    owner: text,
                    idempotency: IdempotencyKey(text),
                    uniqueKey: text
                )
                try store.expect(try await store.add(asked).request, equals: asked, "the stored request")
                let worker = WorkerID(rawValue: text)
                let claimed = try await store.claimAgain(asked.id, by: worker, from: text)
                let failure = TaskFailure(code: text, message: text, isRetryable: false)
                let report = TaskReport(
                    lease: claimed.lease,
                    progress: TaskProgress(processed: 1, total: 2, message: text),
                    checkpoint: input
                )
                let record = try await store.end(
                    claimed,
                    .failed(failure, retryAfter: .zero),
                    as: .queued,
                    report: report
                )
                try store.expect(record.error, equals: failure, "error")
                try store.expect(record.progress.message, equals: text, "message")
                try store.expect(record.worker, equals: worker, "worker")
                let again = try await store.claimAgain(asked.id, by: worker, from: text)
                try store.expect(again.checkpoint, equals: input, "checkpoint")
                let done = try await store.end(again, .done(result: input, followUps: []), as: .done)
                try store.expect(done.result, equals: input, "result")
                let bytes = done.name.unicodeScalars.elementsEqual(text.unicodeScalars)
                try store.expect(bytes, "the text is not normalised", seen: done.name)
            }
        },
        StoreCheck("values", "input, result and checkpoint of 1 MiB come back unchanged") { store in
            let big = try JSONText(encoding: bytes(1_048_574))
            try store.expect(big.byteCount, equals: 1_048_576, "the size of the document")
            let claimed = try await store.start(NewTask(name: "t", input: big))
            try store.expect(claimed.record.input == big, "the claimed input", seen: claimed.record.input.byteCount)
            let report = TaskReport(lease: claimed.lease, checkpoint: big)
            try await store.end(claimed, .released, as: .queued, report: report)
            let again = try await store.claimAgain(claimed.record.id)
            try store.expect(again.checkpoint == big, "checkpoint", seen: again.checkpoint?.byteCount ?? 0)
            let done = try await store.end(again, .done(result: big, followUps: []), as: .done)
            try store.expect(done.result == big, "result", seen: done.result?.byteCount ?? 0)
        },
        StoreCheck("values", "JSON text is kept byte for byte: order of keys, spaces and numbers as they were") {
            store in
            for text in [
                #"{"b":1,"a":2}"#, "[ 1 , 2 ]", "1.0", "1e2", "12345678901234567890123", "\"\\u00e9\"", "0.1", "-0",
                "null",
                "true", "\"\"", "{}", "[]",
            ] {
                let input = JSONText(trusted: text)
                let claimed = try await store.start(NewTask(name: "t", input: input))
                try store.expect(claimed.record.input, equals: input, "input")
                let done = try await store.end(claimed, .done(result: input, followUps: []), as: .done)
                try store.expect(done.result, equals: input, "result")
            }
        },
        StoreCheck("values", "metadata of every JSON type comes back unchanged") { store in
            let metadata: TaskMetadata = [
                "null": nil, "true": true, "false": false, "zero": 0, "min": .int(.min), "max": .int(.max),
                "fraction": 0.1, "sum": .double(0.1 + 0.2), "tiny": .double(.leastNonzeroMagnitude),
                "huge": .double(1.797e308),
                "negative": -2.5, "empty": "", "text": "👍 \"quoted\" \\ /", "array": [1, "two", nil, [3.5], [:]],
                "object": ["nested": ["deep": [true, ["deeper": "yes"]]]], "": "an empty key", "a.b": "a dot",
            ]
            let task = try await store.add(NewTask(name: "t", metadata: metadata))
            try store.expect(try await store.record(task.id).metadata, equals: metadata, "metadata")
            let claimed = try await store.claimAgain(task.id)
            _ = try await store.beat(.a, TaskReport(lease: claimed.lease, metadata: ["array": [], "new": nil]))
            var expected = metadata
            expected.merge(["array": [], "new": nil])
            try store.expect(try await store.record(task.id).metadata, equals: expected, "merged metadata")
        },
        StoreCheck("values", "merging replaces whole members: objects inside are not merged") { store in
            let claimed = try await store.start(NewTask(name: "t", metadata: ["o": ["a": 1, "b": 2], "kept": true]))
            _ = try await store.beat(.a, TaskReport(lease: claimed.lease, metadata: ["o": ["c": 3]]))
            let expected: TaskMetadata = ["o": ["c": 3], "kept": true]
            try store.expect(try await store.record(claimed.record.id).metadata, equals: expected, "metadata")
        },
        StoreCheck("values", "64 KiB of metadata come back unchanged") { store in
            let metadata: TaskMetadata = ["text": .string(bytes(65_000)), "n": 1]
            let task = try await store.add(NewTask(name: "t", metadata: metadata))
            try store.expect(try await store.record(task.id).metadata == metadata, "metadata", seen: "other")
        },
        StoreCheck("values", "names, queues, owners, keys and workers may have 200 bytes") { store in
            let text = bytes(200)
            let asked = NewTask(
                name: text,
                queue: text,
                owner: text,
                idempotency: IdempotencyKey(text),
                uniqueKey: text
            )
            let worker = WorkerID(rawValue: text)
            try await store.add(asked)
            let claimed = try await store.claimAgain(asked.id, by: worker, from: text)
            try store.expect(claimed.record.request, equals: asked, "the request")
            try store.expect(claimed.record.worker, equals: worker, "worker")
        },
        StoreCheck("values", "an error of 8 KiB and a message of 500 bytes come back unchanged") { store in
            let failure = TaskFailure(code: "big", message: bytes(8 * 1024), isRetryable: true)
            let claimed = try await store.start()
            let progress = TaskProgress(processed: 1, total: 2, message: bytes(500))
            let report = TaskReport(lease: claimed.lease, progress: progress)
            let record = try await store.end(claimed, .failed(failure, retryAfter: nil), as: .failed, report: report)
            try store.expect(record.error == failure, "error", seen: record.error as Any)
            try store.expect(record.progress, equals: progress, "progress")
        },
        StoreCheck("values", "dates are whole microseconds and come back exactly") { store in
            for offset in [0.000_001, 0.123_456, 0.999_999, 1.000_001, 86_399.999_999, 1e8 + 0.654_321] {
                let runAt = store.now.addingTimeInterval(offset)
                let task = try await store.add(NewTask(name: "t", runAt: runAt))
                try store.expect(task.runAt, equals: runAt.normalized, "runAt in \(offset) s")
                try store.expect(try await store.record(task.id).runAt, equals: task.runAt, "the stored runAt")
            }
            for step in [1, 999_999, 123_457, 1] {
                store.advance(.microseconds(step))
                let claimed = try await store.start(NewTask(name: "t", queue: "q"))
                store.advance(.microseconds(step))
                let done = try await store.end(claimed, .done(result: .null, followUps: []), as: .done)
                try store.expect(done.finishedAt, equals: store.now, "finishedAt")
                let attempt = try await store.store.attempts(of: done.id).last
                try store.expect(attempt?.finishedAt, equals: store.now, "the attempt's end")
            }
        },
        StoreCheck("values", "a runAt with a part of a microsecond is rounded, the same in the answer and afterwards") {
            store in
            for part in [0.000_000_3, 0.000_000_7, 0.123_456_789] {
                let runAt = store.now.addingTimeInterval(part)
                let task = try await store.add(NewTask(name: "t", runAt: runAt))
                try store.expect(task.runAt, equals: runAt.normalized, "runAt")
                try store.expect(try await store.record(task.id).runAt, equals: task.runAt, "the stored runAt")
            }
        },
        StoreCheck("values", "dates long ago and far ahead are kept and ordered") { store in
            let past = Date(timeIntervalSince1970: -86_400 * 365 * 100)
            let future = Date(timeIntervalSince1970: 86_400 * 365 * 150)
            let old = try await store.add(NewTask(name: "t", runAt: past))
            let new = try await store.add(NewTask(name: "t", runAt: future))
            try store.expect(try await store.record(old.id).runAt, equals: past, "a runAt of 1870")
            try store.expect(try await store.record(new.id).runAt, equals: future, "a runAt of 2119")
            let reply = try await store.store.claim(ClaimRequest(worker: .a, queues: [.init("default", limit: 9)]))
            try store.expect(reply.tasks.map(\.record.id), equals: [old.id], "claimed")
            try store.expect(reply.nextRunAt, equals: future, "nextRunAt")
            let never = NewTask(name: "t", runAt: .distantFuture)
            let always = NewTask(name: "t", runAt: .distantPast)
            try await store.add(never)
            try await store.add(always)
            try store.expect(try await store.claim().map(\.record.id), equals: [always.id], "claimed of the extremes")
        },
        StoreCheck("values", "durations are kept to the microsecond") { store in
            for timeout in [Duration.microseconds(1), .milliseconds(1500), .seconds(31_536_000)] {
                let task = NewTask(
                    name: "t",
                    timeout: timeout,
                    idempotency: IdempotencyKey("\(timeout)", timeToLive: timeout)
                )
                let record = try await store.add(task)
                try store.expect(record.request.timeout, equals: timeout, "timeout")
                let kept = try await store.record(record.id).request
                try store.expect(kept.timeout, equals: timeout, "the stored timeout")
                try store.expect(kept.idempotency?.timeToLive, equals: timeout, "the stored time to live")
            }
        },
        StoreCheck("values", "progress keeps its numbers exactly, unknown totals too") { store in
            for progress in [
                TaskProgress(processed: 0.1 + 0.2, total: 0.7), TaskProgress(processed: 1e15 + 0.5, total: 1e300),
                TaskProgress(processed: 12), TaskProgress(processed: 0, total: .leastNonzeroMagnitude),
                TaskProgress(message: "only"),
                TaskProgress(processed: .infinity), TaskProgress(processed: .nan, total: .nan),
            ] {
                let claimed = try await store.start()
                _ = try await store.beat(.a, TaskReport(lease: claimed.lease, progress: progress))
                let seen = try await store.record(claimed.record.id).progress
                try store.expect(seen, equals: TaskProgress.none.advanced(to: progress), "progress")
            }
        },
        StoreCheck("values", "a hundred nested follow-ups come back with the request") { store in
            let inner = NewTask(name: "inner", metadata: ["k": ["v"]], timeout: .seconds(2), owner: "ada")
            let followUps = (0..<100).map { NewTask(name: "f\($0)", priority: $0, followUps: [inner]) }
            let task = try await store.add(NewTask(name: "t", followUps: followUps))
            try store.expect(
                try await store.record(task.id).request.followUps == followUps,
                "followUps",
                seen: "others"
            )
            let claimed = try await store.claimAgain(task.id)
            try store.expect(claimed.record.request.followUps == followUps, "the claimed followUps", seen: "others")
        },
        StoreCheck("values", "ids of any version and of any bits are kept and ordered byte by byte") { store in
            let ids = [
                TaskID(high: 0, low: 0), TaskID(high: .max, low: .max), TaskID(high: 0, low: .max),
                TaskID(high: 1 << 63, low: 0), TaskID(high: 0x7FFF_FFFF_FFFF_FFFF, low: 1 << 63), TaskID(),
            ]
            try await store.add(ids.count) { NewTask(id: ids[$0], name: "t") }
            let seen = try await store.walk(TaskQuery(order: .oldestFirst, limit: 2)).map(\.id)
            try store.expect(seen, equals: ids.sorted(), "the order of a list")
        },
        StoreCheck("values", "an empty owner is not the same as none to a filter, and comes back as it was") { store in
            let empty = try await store.add(NewTask(name: "t", owner: ""))
            let none = try await store.add(NewTask(name: "t"))
            try store.expect(try await store.record(empty.id).owner, equals: "", "an empty owner")
            try store.expect(try await store.record(none.id).owner, equals: nil, "no owner")
        },
    ]
}
