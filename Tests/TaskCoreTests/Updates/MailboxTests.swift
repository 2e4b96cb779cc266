import Foundation
import Testing

@testable import TaskCore

@Suite struct MailboxTests {
    private func record(_ task: NewTask, version: Int64) -> TaskRecord {
        TaskRecord(request: task, status: .running, runAt: .now, createdAt: .now, updatedAt: .now, version: version)
    }

    @Test func aSlowReaderGetsTheLatestOfEachTask() {
        var mailbox = Mailbox(capacity: 10)
        let (a, b) = (NewTask(name: "a"), NewTask(name: "b"))
        for version in 1...1000 { mailbox.put(record(a, version: Int64(version))) }
        mailbox.put(record(b, version: 1))
        #expect(mailbox.take()?.version == 1000)
        #expect(mailbox.take()?.record.id == b.id)
        #expect(mailbox.take() == nil)
    }

    @Test func anOlderVersionNeverReplacesANewerOne() {
        var mailbox = Mailbox(capacity: 10)
        let task = NewTask(name: "a")
        mailbox.put(record(task, version: 5))
        mailbox.put(record(task, version: 4))
        #expect(mailbox.take()?.version == 5)
    }

    @Test func overflowDropsTheOldestAndSaysSoOnce() {
        var mailbox = Mailbox(capacity: 2)
        let tasks = (0..<3).map { NewTask(name: "\($0)") }
        for task in tasks { mailbox.put(record(task, version: 1)) }
        let first = mailbox.take()
        #expect(first?.record.id == tasks[1].id && first?.isAfterGap == true)
        #expect(mailbox.take()?.isAfterGap == false)
        #expect(mailbox.take() == nil)
    }
}
