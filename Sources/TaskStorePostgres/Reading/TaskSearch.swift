import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Walks along the tasks that a filter selects, in order of (createdAt, id), in pages.
///
/// Metadata is narrowed down by the database and compared exactly here. Changes between pages make nothing appear twice.
struct TaskSearch {
    private let filter: TaskFilter
    private let order: TaskQuery.Order
    private var cursor: TaskCursor?
    private var isOver = false

    init(_ filter: TaskFilter, order: TaskQuery.Order, after cursor: TaskCursor? = nil) {
        self.filter = filter
        self.order = order
        self.cursor = cursor
    }

    /// The next records, which may be none of a page that held some; nil after the last.
    mutating func next(_ session: Session, atMost limit: Int) throws -> [TaskRecord]? {
        guard !isOver, limit > 0 else { return nil }
        let (text, condition) = query()
        let result = try session.run(
            Command(session.sql.render(text)) { parameters in
                condition.add(to: &parameters)
                parameters.add(Int64(limit))
            }
        )
        var reader = RecordReader()
        let records = result.rows.map { reader.stored(result, $0).record }
        cursor = records.last.map { TaskCursor(createdAt: $0.createdAt, id: $0.id) }
        isOver = records.count < limit
        return filter.metadata.isEmpty ? records : records.filter(filter.matches)
    }

    /// The statement, but for its schema, and its values but for the limit's.
    func query() -> (text: String, condition: SQLCondition) {
        var condition = SQLCondition(filter)
        let source = SearchSource(filter)
        if let cursor { condition.add(after: cursor, order, of: source.ordered) }
        let direction = order == .oldestFirst ? "ASC" : "DESC"
        let text = """
            SELECT \(source.columns)
            FROM \(source.tables)
            WHERE \(condition.sql)
            ORDER BY \(source.ordered).created_at \(direction), \(source.ordered).id \(direction)
            LIMIT $\(condition.values.count + 1)::int8
            """
        return (text, condition)
    }
}

/// The tables that a filter's statuses need, read as one called `l`.
struct SearchSource {
    let tables: String
    let columns: String
    /// The table along whose times a search goes: few tasks are active or unlucky, and are not looked for among all.
    let ordered: String

    init(_ filter: TaskFilter) {
        let statuses = filter.statuses ?? Set(TaskStatus.allCases)
        let live = "{schema}.task t JOIN {schema}.task_live l ON l.id = t.id"
        let done = "{schema}.task t JOIN {schema}.task_done l ON l.id = t.id"
        ordered = statuses.allSatisfy(\.isActive) || statuses.isSubset(of: [.failed, .cancelled]) ? "l" : "t"
        if statuses.allSatisfy(\.isActive) {
            (tables, columns) = (live, "{columns}, {live_columns}")
        } else if statuses.allSatisfy(\.isFinished) {
            (tables, columns) = (done, "{columns}, {done_columns}")
        } else {
            tables = "{schema}.task t CROSS JOIN LATERAL (\(Self.either)) l"
            columns = """
                {columns}, l.state, l.updated_at, l.started_at, l.finished_at, l.cancel_requested_at, l.deadline, l.worker,
                l.progress, l.result
                """
        }
    }

    /// A task's state wherever it is.
    private static let either = """
        SELECT
            id, rank, seq, run_at, timeout_us, created_at, attempts, lost_attempts, fence, version, checkpoint, error, state,
            updated_at, started_at, NULL::timestamptz AS finished_at, cancel_requested_at, deadline, worker, progress,
            NULL::text AS result
        FROM {schema}.task_live WHERE id = t.id
        UNION ALL
        SELECT
            id, rank, seq, run_at, timeout_us, created_at, attempts, lost_attempts, fence, version, checkpoint, error, state,
            updated_at, started_at, finished_at, cancel_requested_at, NULL, worker, progress, result
        FROM {schema}.task_done WHERE id = t.id
        """
}
