import TaskCore

/// The channels of a schema, and how hints are written on them: kinds and who says it, as in `work,by-5f3c`.
struct MessageChannels: Sendable {
    private let work: String
    private let changes: String
    /// By which a store knows its own hints again, whichever connection they went by.
    private let sender = "by-" + String(UInt64.random(in: 0...UInt64.max), radix: 16)
    let listening: [Command]
    let probing: Command
    private let notify = Statement(
        name: "taskcore_notify",
        sql: """
            SELECT set_config('synchronous_commit', 'off', true), pg_notify(channel, message)
            FROM unnest($1::text[], $2::text[]) AS m (channel, message)
            """
    )

    init(_ sql: SQLText) {
        (work, changes) = ("\(sql.schemaName)_work", "\(sql.schemaName)_changes")
        listening = [work, changes].map { Command(Statement("LISTEN \(SQLText.quoted($0))")) }
        let names = [work, changes]
        probing = Command(
            Statement("SELECT count(*) FROM pg_listening_channels() AS c (name) WHERE c.name = ANY ($1)")
        ) { $0.add(names) }
    }

    /// Tells of some kinds. Its commit does not wait for the disk, for a hint may be lost.
    func hint(_ kinds: Set<SignalKind>) -> Command {
        let messages = messages(kinds)
        return Command(notify) { parameters in
            parameters.add(messages.map(\.channel))
            parameters.add(messages.map(\.text))
        }
    }

    func messages(_ kinds: Set<SignalKind>) -> [(channel: String, text: String)] {
        let parts = [(work, kinds.subtracting([.changes])), (changes, kinds.intersection([.changes]))]
        return parts.filter { !$0.1.isEmpty }.map { channel, kinds in
            (channel, (kinds.map(\.rawValue).sorted() + [sender]).joined(separator: ","))
        }
    }

    /// What a message of somebody else means.
    func kinds(_ payload: String) -> Set<SignalKind> {
        let words = payload.split(separator: ",")
        guard !words.contains(where: { $0 == sender }) else { return [] }
        return Set(words.compactMap { SignalKind(rawValue: String($0)) })
    }
}
