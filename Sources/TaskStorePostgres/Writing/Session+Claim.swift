import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Session {
    /// How many tasks that became due one claim moves to where claims look: a million at once must not keep it waiting.
    private static let promotionLimit: Int64 = 10_000

    /// Claims as one transaction and one way there and back, whatever the number of queues.
    func claim(_ request: ClaimRequest) throws -> Written<ClaimReply> {
        let names = request.queues.map(\.queue)
        let wanted = request.queues.filter { $0.limit > 0 }
        var commands = [
            Command.renew(sql, request.worker, for: request.leaseDuration),
            Command(sql.claimPromote) { parameters in
                parameters.add(names)
                parameters.add(Self.promotionLimit)
            },
        ]
        commands += wanted.map { queue in
            Command(sql.claimTake) { parameters in
                parameters.add(queue.queue)
                parameters.add(Int64(queue.limit))
                parameters.add(request.worker.rawValue)
                parameters.add(TaskLifecycle.deadlineGrace.wholeMicroseconds)
            }
        }
        commands.append(Command(sql.claimNext) { $0.add(names) })
        let results = try run(commands)

        var reader = RecordReader()
        var tasks: [ClaimedTask] = []
        for result in results[2..<(2 + wanted.count)] {
            // RETURNING has no order.
            let rows = result.rows.sorted { result.order($0) < result.order($1) }
            for row in rows { tasks.append(try reader.claimed(result, row, by: request.worker)) }
        }
        let next = results[results.count - 1]
        return Written(
            answer: ClaimReply(tasks: tasks, nextRunAt: next.optionalDate(0, 0)),
            signals: tasks.isEmpty ? [] : [.changes]
        )
    }
}

extension QueryResult {
    /// A claimed row's place: rank, then sequence.
    fileprivate func order(_ row: Int) -> (Int32, Int64) { (int32(row, 9), int64(row, 10)) }
}
