import GRDB
import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Walks along the tasks that a filter selects, in order of (createdAt, id), in pages.
///
/// What it finds has yet to be compared with the filter's metadata. Changes between pages make nothing appear twice.
struct TaskSearch {
    struct Place {
        let key: Int64
        let cursor: TaskCursor
    }

    private let filter: TaskFilter
    private let order: TaskQuery.Order
    private var cursor: TaskCursor?
    private var isOver = false

    init(_ filter: TaskFilter, order: TaskQuery.Order, after cursor: TaskCursor? = nil) {
        self.filter = filter
        self.order = order
        self.cursor = cursor
    }

    /// The next places; nil after the last.
    mutating func next(_ db: Database, atMost limit: Int) throws -> [Place]? {
        guard !isOver, let (sql, values) = query() else { return nil }
        let find = try SQLStatement(db, sql)
        values.bind(find)
        find.bind(Int32(values.values.count + 1), limit)
        defer { find.reset() }
        var places: [Place] = []
        while try find.step() {
            let cursor = TaskCursor(createdAt: find.date(1), id: find.id(2))
            places.append(Place(key: find.int64(0), cursor: cursor))
        }
        cursor = places.last?.cursor
        isOver = places.count < limit
        return places
    }

    /// The statement and its values, without the limit's; nil when the filter excludes everything.
    func query() -> (sql: String, values: SQLCondition)? {
        let driver = SearchDriver(filter)
        guard !driver.arms.isEmpty else { return nil }
        let rest = SQLCondition(filter, except: driver)
        var values = SQLCondition()
        let arms = driver.arms.map { arm in
            var condition = arm.condition
            condition.add(rest)
            if let cursor { condition.add(after: cursor, order, createdAt: arm.createdAt) }
            values.add(condition)
            return "SELECT s.key, \(arm.createdAt) AS created_at, t.id AS id FROM \(arm.from) WHERE \(condition.sql)"
        }
        let direction = order == .oldestFirst ? "ASC" : "DESC"
        let sql = arms.joined(separator: " UNION ALL ") + " ORDER BY 2 \(direction), 3 \(direction) LIMIT ?"
        return (sql, values)
    }
}
