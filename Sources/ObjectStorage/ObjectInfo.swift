#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a storage knows about an object without reading it.
public struct ObjectInfo: Sendable, Hashable {
    /// The object's key.
    public var key: ObjectKey
    /// Its size in bytes.
    public var size: Int64
    /// When it was last put.
    public var modified: Date
    /// An opaque word that changes whenever the object is put again; not a hash.
    public var etag: String
    /// The SHA-256 of its bytes in lowercase hex, where known: always after `put`; file storages do not keep it.
    public var sha256: String?

    /// Makes a description; for implementers of storages.
    public init(key: ObjectKey, size: Int64, modified: Date, etag: String, sha256: String? = nil) {
        self.key = key
        self.size = size
        self.modified = modified
        self.etag = etag
        self.sha256 = sha256
    }
}

/// A page of a listing.
public struct ObjectPage: Sendable, Hashable {
    /// The objects in the order of their keys' bytes.
    public var objects: [ObjectInfo]
    /// Where to go on: pass it as `after`. `nil` when nothing follows.
    public var next: ObjectKey?

    /// Makes a page; for implementers of storages.
    public init(objects: [ObjectInfo], next: ObjectKey?) {
        self.objects = objects
        self.next = next
    }
}
