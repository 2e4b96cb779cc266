#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The parts of a request that few tasks have and no query looks at, in one column.
package struct RequestOptions: Codable {
    var idempotency: IdempotencyKey?
    var uniqueKey: String?
    var followUps: [StoredRequest]?

    package init?(_ task: NewTask) {
        guard task.idempotency != nil || task.uniqueKey != nil || !task.followUps.isEmpty else { return nil }
        idempotency = task.idempotency
        uniqueKey = task.uniqueKey
        followUps = task.followUps.isEmpty ? nil : task.followUps.map(StoredRequest.init)
    }

    package func apply(to task: inout NewTask) {
        task.idempotency = idempotency
        task.uniqueKey = uniqueKey
        task.followUps = followUps?.map(\.task) ?? []
    }
}

/// A follow-up as it is kept: its input as the very text that was asked for, where JSON in JSON would write it anew.
package struct StoredRequest: Codable {
    private var request: NewTask
    private var input: String
    private var followUps: [StoredRequest]

    package init(_ task: NewTask) {
        request = task
        request.input = .null
        request.followUps = []
        input = task.input.text
        followUps = task.followUps.map(StoredRequest.init)
    }

    package var task: NewTask {
        var task = request
        task.input = JSONText(trusted: input)
        task.followUps = followUps.map(\.task)
        return task
    }
}

extension TaskMetadata {
    /// What a column's text says. One that somebody wrote by hand and nobody can read shows as the member `unreadable`: one row
    /// must not keep those that are read with it from running.
    package init(column text: String) { self = (try? JSONText(trusted: text).decode()) ?? ["unreadable": true] }

    /// A column's text; nil, which is NULL, when there is none.
    package var column: String? {
        get throws { isEmpty ? nil : try JSONText(encoding: self).text }
    }
}

/// JSON of columns that only a store reads: dates keep their microseconds.
package enum ColumnJSON {
    package static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    package static func value<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}
