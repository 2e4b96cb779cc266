import Foundation
import TaskCore
import Testing

@Suite struct TaskIDTests {
    @Test func idsOfOneProcessOnlyGrow() {
        let ids = (0..<100_000).map { _ in TaskID() }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func idsMadeByManyTasksAtOnceAreDistinct() async {
        let ids = await withTaskGroup(of: [TaskID].self) { group in
            for _ in 0..<8 { group.addTask { (0..<5_000).map { _ in TaskID() } } }
            return await group.reduce(into: Set<TaskID>()) { $0.formUnion($1) }
        }
        #expect(ids.count == 40_000)
    }

    @Test func idsAreUUIDsOfVersion7MadeNow() {
        let before = UInt64(Date().timeIntervalSince1970 * 1000)
        let id = TaskID()
        let after = UInt64(Date().timeIntervalSince1970 * 1000)
        #expect(id.high >> 12 & 0xF == 7)
        #expect(id.low >> 62 == 0b10)
        #expect((before...after + 1).contains(id.high >> 16))
    }

    @Test func textAndUUIDRoundTrip() throws {
        let id = TaskID()
        #expect(TaskID(id.description) == id)
        #expect(TaskID(id.uuid) == id)
        #expect(TaskID("01890A5D-AC96-774B-BCCE-B302099A8057")?.description == "01890a5d-ac96-774b-bcce-b302099a8057")
        #expect(TaskID("not a uuid") == nil)
        #expect(try JSONDecoder().decode([TaskID].self, from: JSONEncoder().encode([id])) == [id])
    }
}
