import Foundation
import TaskCore

/// Reads the whole history of a site by SQL, and says what in it breaks a promise.
struct HistoryChecker {
    let site: Site

    struct Report: CustomStringConvertible {
        /// What is wrong, a line for each kind and how many; empty when nothing is.
        var violations: [String] = []
        var tasks = 0
        var attempts = 0
        var lostAttempts = 0
        /// Lines that handlers left, and how many of them were of a task that had one already: at least once is the promise.
        var effects = 0
        var duplicates = 0

        var description: String {
            "\(tasks) tasks, \(attempts) attempts, \(lostAttempts) lost; \(effects) effects, \(duplicates) of them duplicates; "
                + "\(violations.count) violations \(violations)"
        }
    }

    /// - Parameters:
    ///   - acknowledged: The tasks whose enqueue was answered.
    ///   - isOver: Whether every task must be finished.
    func check(acknowledged: [TaskID], isOver: Bool = true) async throws -> Report {
        var report = Report()
        let ids = acknowledged.map(\.description).joined(separator: ",")
        var rules = Self.rules
        rules["acknowledged and not in exactly one of task_live and task_done"] = """
            SELECT FROM unnest('{\(ids)}'::uuid[]) a (id)
            WHERE (SELECT count(*) FROM {s}.task_live l WHERE l.id = a.id)
                + (SELECT count(*) FROM {s}.task_done d WHERE d.id = a.id) <> 1
                OR NOT EXISTS (SELECT FROM {s}.task t WHERE t.id = a.id)
            """
        if isOver { rules["not finished"] = "SELECT FROM {s}.task_live" }
        for (rule, sql) in rules.sorted(by: { $0.key < $1.key }) {
            let count = try await site.count("SELECT count(*) FROM (\(sql)) violation")
            if count > 0 { report.violations.append("\(count) × \(rule)") }
        }
        report.tasks = try await site.count("SELECT count(*) FROM {s}.task")
        report.attempts = try await site.count(
            "SELECT coalesce(sum(fence), 0) FROM (SELECT fence FROM {s}.task_live UNION ALL SELECT fence FROM {s}.task_done) f"
        )
        report.lostAttempts = try await site.count("SELECT count(*) FROM {s}.attempt WHERE outcome = 'workerLost'")
        try await readEffects(&report)
        return report
    }

    /// Each answers the rows that break it.
    private static let rules = [
        "stored and not in exactly one of task_live and task_done": """
        SELECT FROM {s}.task t
        WHERE (SELECT count(*) FROM {s}.task_live l WHERE l.id = t.id)
            + (SELECT count(*) FROM {s}.task_done d WHERE d.id = t.id) <> 1
        """,
        "a row of task_live or task_done without its task": """
        SELECT FROM (SELECT id FROM {s}.task_live UNION ALL SELECT id FROM {s}.task_done) r
        WHERE NOT EXISTS (SELECT FROM {s}.task t WHERE t.id = r.id)
        """,
        "finished with a state that is not terminal": "SELECT FROM {s}.task_done WHERE state NOT IN (3, 4, 5)",
        "active with a state that is terminal": "SELECT FROM {s}.task_live WHERE state NOT IN (0, 1, 2)",
        // Each claim took the next fence and ended once: by a row of attempt, by being done, or it is still running.
        "as many claims as ends of attempts": """
        SELECT FROM (
            SELECT id, fence, CASE WHEN state = 2 THEN 1 ELSE 0 END AS open, fence AS last FROM {s}.task_live
            UNION ALL
            SELECT id, fence, CASE WHEN state = 3 THEN 1 ELSE 0 END, fence FROM {s}.task_done
        ) r
        WHERE r.fence <> r.open + (
            SELECT count(*) FROM {s}.attempt a WHERE a.task = r.id AND (r.open = 0 OR a.fence <> r.last)
        )
        """,
        "done, and the same attempt ended otherwise too": """
        SELECT FROM {s}.task_done d JOIN {s}.attempt a ON a.task = d.id AND a.fence = d.fence
        WHERE d.state = 3 AND a.outcome <> 'done'
        """,
        "running, and the same attempt has ended": """
        SELECT FROM {s}.task_live l JOIN {s}.attempt a ON a.task = l.id AND a.fence = l.fence WHERE l.state = 2
        """,
        "an attempt whose fence the task never had": """
        SELECT FROM {s}.attempt a
        JOIN (SELECT id, fence FROM {s}.task_live UNION ALL SELECT id, fence FROM {s}.task_done) r ON r.id = a.task
        WHERE a.fence > r.fence OR a.fence < 1
        """,
        "an attempt that began before the one with a smaller fence had ended": """
        SELECT FROM {s}.attempt a JOIN {s}.attempt b ON b.task = a.task AND b.fence > a.fence
        WHERE b.started_at < a.finished_at
        """,
        "a last attempt that began before an earlier one had ended": """
        SELECT FROM {s}.attempt a
        JOIN (SELECT id, fence, started_at FROM {s}.task_live UNION ALL SELECT id, fence, started_at FROM {s}.task_done) r
            ON r.id = a.task AND a.fence < r.fence
        WHERE r.started_at < a.finished_at
        """,
        "more attempts than the task may have": """
        SELECT FROM {s}.task t
        JOIN (SELECT id, attempts FROM {s}.task_live UNION ALL SELECT id, attempts FROM {s}.task_done) r ON r.id = t.id
        WHERE r.attempts > t.max_attempts
        """,
    ]

    /// What ran, by the files that handlers wrote.
    private func readEffects(_ report: inout Report) async throws {
        guard let text = try? String(contentsOf: site.effects, encoding: .utf8) else { return }
        let lines = text.split(separator: "\n")
        report.effects = lines.count
        let byTask = Dictionary(grouping: lines) { $0.prefix { $0 != " " } }
        report.duplicates = lines.count - byTask.count
        let twice = lines.count - Set(lines).count
        if twice > 0 { report.violations.append("\(twice) × one claim's handler ran twice") }

        let done = try await site.sql(
            "SELECT d.id || ' ' || d.fence FROM {s}.task_done d JOIN {s}.task t ON t.id = d.id WHERE d.state = 3 AND t.name = 'effect'"
        )
        let ran = Set(lines.map(String.init))
        let without = done.count { row in !ran.contains(row[0] ?? "") }
        if without > 0 { report.violations.append("\(without) × done by an attempt that left no effect") }
    }
}
