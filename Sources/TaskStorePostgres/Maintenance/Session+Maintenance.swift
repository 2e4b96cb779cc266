import TaskCore

/// What has to be done now and then, by whichever process comes first: there is no leader, only a row that says when.
enum Maintenance {
    /// What one turn found out.
    struct Report: Sendable {
        var pruned: [TaskStatus: Int] = [:]
        /// Set when it was this process's turn to look.
        var health: Health?
    }

    /// What keeps a database from staying fast.
    struct Health: Sendable {
        /// How long the oldest snapshot or prepared transaction has been held, in seconds.
        var oldestSnapshot: Int64
        var deadRows: Int64
        var liveRows: Int64

        /// Dead rows that nothing may remove yet are walked over by every claim.
        var isPinned: Bool { oldestSnapshot >= 300 }
        var needsVacuum: Bool { deadRows > 200_000 && deadRows > 10 * liveRows }
    }

    static let trimInterval = Duration.seconds(10)
    static let slowInterval = Duration.seconds(60)
    /// At least this many of the newest changes are kept for those who follow them.
    static let keptChanges: Int64 = 262_144
    static let trimmedRows: Int64 = 20_000
    static let prunedTasks = 1000
    /// How long one turn may prune.
    static let pruneTime = Duration.seconds(5)
}

extension Session {
    /// Does what it is time for.
    func maintain(_ retention: PrunePolicy?) throws -> Maintenance.Report {
        var report = Maintenance.Report()
        if try isElected("changes", for: Maintenance.trimInterval) {
            _ = try run(
                Command(sql.changeTrim) { parameters in
                    parameters.add(Maintenance.keptChanges)
                    parameters.add(Maintenance.trimmedRows)
                }
            )
        }
        if let retention, try isElected("retention", for: Maintenance.slowInterval) {
            let end = ContinuousClock.now + Maintenance.pruneTime
            while ContinuousClock.now < end {
                let counts = try prune(retention, limit: Maintenance.prunedTasks).answer
                report.pruned.merge(counts) { $0 + $1 }
                if counts.isEmpty { break }
            }
        }
        if try isElected("health", for: Maintenance.slowInterval) {
            _ = try run(Command(sql.workerAdopt))
            report.health = try health()
        }
        return report
    }

    private func health() throws -> Maintenance.Health {
        let result = try run(Command(sql.health))
        return Maintenance.Health(
            oldestSnapshot: max(result.int64(0, 0), result.int64(0, 1)),
            deadRows: result.int64(0, 2),
            liveRows: result.int64(0, 3)
        )
    }

    private func isElected(_ name: String, for interval: Duration) throws -> Bool {
        try run(
            Command(sql.maintenanceElect) { parameters in
                parameters.add(name)
                parameters.add(interval.wholeMicroseconds)
            }
        ).count == 1
    }
}
