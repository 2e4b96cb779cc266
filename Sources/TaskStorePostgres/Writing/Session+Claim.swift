import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Session {
    /// How many tasks that became due one claim moves to where claims look: a million at once must not keep it waiting.
    private static let promotionLimit: Int64 = 10_000

    /// What a claim got, and where it came to.
    struct Claimed: Sendable {
        var reply = ClaimReply(tasks: [])
        var ends: [End] = []

        /// Where the claim of a queue ended.
        struct End: Sendable {
            var queue: String
            var place: ClaimPlace
            var tasks: Int
            var wasFromBeginning: Bool
            var duration: Duration
        }
    }

    /// Claims as one transaction and one way there and back, whatever the number of queues.
    ///
    /// - Parameter places: Where to begin, for queues whose beginning need not be looked at; nothing found there, it is looked at after all.
    func claim(_ request: ClaimRequest, from places: [String: ClaimPlace]) throws -> Written<Claimed> {
        let names = request.queues.map(\.queue)
        let before: [Command] = [
            .renew(sql, request.worker, for: request.leaseDuration),
            Command(sql.claimPromote) { parameters in
                parameters.add(names)
                parameters.add(Self.promotionLimit)
            },
        ]
        var claimed = Claimed()
        let wanted = request.queues.filter { $0.limit > 0 }
        let next = try take(wanted, of: names, for: request.worker, from: places, after: before, &claimed)
        let empty = wanted.filter { queue in
            places[queue.queue] != nil && !claimed.ends.contains { $0.queue == queue.queue }
        }
        if !empty.isEmpty { _ = try take(empty, of: names, for: request.worker, from: [:], after: [], &claimed) }
        claimed.reply.nextRunAt = next
        return Written(answer: claimed, signals: claimed.reply.tasks.isEmpty ? [] : [.changes])
    }

    /// - Returns: When the next task of the asked queues becomes due.
    private func take(
        _ queues: [ClaimRequest.QueueLimit],
        of asked: [String],
        for worker: WorkerID,
        from places: [String: ClaimPlace],
        after before: [Command],
        _ claimed: inout Claimed
    ) throws -> Date? {
        let takes = queues.map { queue in
            let place = places[queue.queue] ?? .first
            return Command(sql.claimTake) { parameters in
                parameters.add(queue.queue)
                parameters.add(Int64(queue.limit))
                parameters.add(worker.rawValue)
                parameters.add(TaskLifecycle.deadlineGrace.wholeMicroseconds)
                parameters.add(place.rank)
                parameters.add(place.sequence)
            }
        }
        let start = ContinuousClock.now
        let results = try run(before + takes + [Command(sql.claimNext) { $0.add(asked) }])
        let duration = ContinuousClock.now - start

        var reader = RecordReader()
        for (queue, result) in zip(queues, results.dropFirst(before.count)) where result.count > 0 {
            // RETURNING has no order.
            var rows = result.rows.map { (place: result.place($0), row: $0) }
            if !zip(rows, rows.dropFirst()).allSatisfy({ $0.place < $1.place }) { rows.sort { $0.place < $1.place } }
            for (_, row) in rows { claimed.reply.tasks.append(reader.claimed(result, row, by: worker)) }
            claimed.ends.append(
                Claimed.End(
                    queue: queue.queue,
                    place: rows[rows.count - 1].place,
                    tasks: rows.count,
                    wasFromBeginning: places[queue.queue] == nil,
                    duration: duration
                )
            )
        }
        let next = results[results.count - 1]
        return next.optionalDate(0, 0)
    }
}

extension QueryResult {
    /// A claimed row's place.
    fileprivate func place(_ row: Int) -> ClaimPlace { ClaimPlace(rank: int32(row, 9), sequence: int64(row, 10)) }
}
