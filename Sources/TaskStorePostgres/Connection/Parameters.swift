import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A statement's values in PostgreSQL's binary formats, one after the other in one buffer.
///
/// Arrays are one-dimensional. Source: `array_recv` and the types' `recv` functions of PostgreSQL; Debian's `pg_type.h` for the numbers.
struct Parameters {
    /// The types' numbers, fixed since they were given.
    enum Kind: UInt32 {
        case bool = 16
        case int2 = 21
        case int4 = 23
        case int8 = 20
        case text = 25
        case timestamp = 1184
        case uuid = 2950
        case textArray = 1009
        case int2Array = 1005
        case int4Array = 1007
        case int8Array = 1016
        case timestampArray = 1185
        case uuidArray = 2951

        var element: Kind {
            switch self {
            case .textArray: .text
            case .int2Array: .int2
            case .int4Array: .int4
            case .int8Array: .int8
            case .timestampArray: .timestamp
            case .uuidArray: .uuid
            default: self
            }
        }
    }

    private(set) var bytes: [UInt8] = []
    /// Where each value starts and how long it is; nil for NULL.
    private(set) var places: [Range<Int>?] = []
    private(set) var types: [UInt32] = []

    var count: Int { places.count }

    // MARK: One value

    mutating func add(_ value: String?) { add(.text, value) { $0.write($1) } }
    mutating func add(_ value: TaskID?) { add(.uuid, value) { $0.write($1) } }
    mutating func add(_ value: Int64?) { add(.int8, value) { $0.write($1) } }
    mutating func add(_ value: Int32?) { add(.int4, value) { $0.write($1) } }
    mutating func add(_ value: Int16?) { add(.int2, value) { $0.write($1) } }
    mutating func add(_ value: Date?) { add(.timestamp, value) { $0.write($1) } }
    mutating func add(_ value: Bool) { add(.bool, value) { $0.bytes.append($1 ? 1 : 0) } }

    private mutating func add<Value>(_ kind: Kind, _ value: Value?, _ write: (inout Parameters, Value) -> Void) {
        types.append(kind.rawValue)
        guard let value else { return places.append(nil) }
        let start = bytes.count
        write(&self, value)
        places.append(start..<bytes.count)
    }

    // MARK: Arrays

    mutating func add(_ values: some Collection<String>) { add(.textArray, values) { $0.write($1) } }
    mutating func add(_ values: some Collection<String?>) { addOptionals(.textArray, values) { $0.write($1) } }
    mutating func add(_ values: some Collection<TaskID>) { add(.uuidArray, values) { $0.write($1) } }
    mutating func add(_ values: some Collection<TaskID?>) { addOptionals(.uuidArray, values) { $0.write($1) } }
    mutating func add(_ values: some Collection<Int64>) { add(.int8Array, values) { $0.write($1) } }
    mutating func add(_ values: some Collection<Int64?>) { addOptionals(.int8Array, values) { $0.write($1) } }
    mutating func add(_ values: some Collection<Int32>) { add(.int4Array, values) { $0.write($1) } }
    mutating func add(_ values: some Collection<Int16>) { add(.int2Array, values) { $0.write($1) } }
    mutating func add(_ values: some Collection<Date>) { add(.timestampArray, values) { $0.write($1) } }
    mutating func add(_ values: some Collection<Date?>) { addOptionals(.timestampArray, values) { $0.write($1) } }

    private mutating func add<Values: Collection>(
        _ kind: Kind,
        _ values: Values,
        _ write: (inout Parameters, Values.Element) -> Void
    ) {
        let start = beginArray(kind, count: values.count, hasNulls: false)
        for value in values { addElement(value, write) }
        places.append(start..<bytes.count)
    }

    private mutating func addOptionals<Value, Values: Collection>(
        _ kind: Kind,
        _ values: Values,
        _ write: (inout Parameters, Value) -> Void
    ) where Values.Element == Value? {
        let start = beginArray(kind, count: values.count, hasNulls: true)
        for value in values {
            if let value { addElement(value, write) } else { self.write(Int32(-1)) }
        }
        places.append(start..<bytes.count)
    }

    private mutating func beginArray(_ kind: Kind, count: Int, hasNulls: Bool) -> Int {
        types.append(kind.rawValue)
        let start = bytes.count
        bytes.reserveCapacity(start + 20 + count * 20)
        write(Int32(count == 0 ? 0 : 1))
        write(Int32(hasNulls ? 1 : 0))
        write(Int32(bitPattern: kind.element.rawValue))
        if count > 0 {
            write(Int32(count))
            write(Int32(1))
        }
        return start
    }

    /// An element behind its length.
    private mutating func addElement<Value>(_ value: Value, _ write: (inout Parameters, Value) -> Void) {
        let place = bytes.count
        self.write(Int32(0))
        write(&self, value)
        let length = Int32(bytes.count - place - 4).bigEndian
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: place, as: Int32.self) }
    }

    // MARK: Formats

    private mutating func write(_ value: String) {
        var value = value
        value.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func write(_ value: TaskID) {
        write(Int64(bitPattern: value.high))
        write(Int64(bitPattern: value.low))
    }

    private mutating func write(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func write(_ value: Date) { write(value.microseconds - PostgresTime.epoch) }
}

/// How the server counts time: microseconds since 2000.
enum PostgresTime {
    /// Its beginning, in microseconds since 1970.
    static let epoch: Int64 = 946_684_800_000_000
}
