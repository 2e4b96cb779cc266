import TaskTesting
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("ManualClock")
struct ManualClockTests {
    @Test("stands still until it is moved, forth and back")
    func moves() {
        let clock = ManualClock(Date(timeIntervalSince1970: 100))
        #expect(clock.now() == clock.now())
        #expect(clock.advance(by: .milliseconds(1500)) == Date(timeIntervalSince1970: 101.5))
        clock.advance(by: .seconds(-2))
        #expect(clock.now() == Date(timeIntervalSince1970: 99.5))
        clock.set(Date(timeIntervalSince1970: 7))
        #expect(clock.now() == Date(timeIntervalSince1970: 7))
    }

    @Test("its times are whole microseconds, so what a store keeps compares equal")
    func wholeMicroseconds() {
        let clock = ManualClock(Date(timeIntervalSince1970: 1.000_000_4))
        #expect(clock.now() == Date(timeIntervalSince1970: 1))
        clock.advance(by: .nanoseconds(600))
        #expect(clock.now() == Date(timeIntervalSince1970: 1.000_001))
    }

    @Test("no step is lost when many threads advance it")
    func isThreadSafe() async {
        let clock = ManualClock(Date(timeIntervalSince1970: 0))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { for _ in 0..<10 { clock.advance(by: .seconds(1)) } } }
        }
        #expect(clock.now() == Date(timeIntervalSince1970: 1000))
    }
}
