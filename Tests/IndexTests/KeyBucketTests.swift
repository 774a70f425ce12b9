import Testing

@testable import Index

/// That a line of a run's directory never denies a key that is there, and seldom claims one that is not.
@Suite struct KeyBucketTests {
    /// As good as random, the same at each run.
    private func key(_ number: Int) -> UInt64 { DocumentKey(passage: UInt32(number)).bits }

    @Test(arguments: [1, 32, 64]) func whatWasAddedMayBeThere(_ count: Int) {
        for turn in 0..<200 {
            var bucket = KeyBucket(number: 0, first: 0)
            for number in 0..<count { bucket.add(key(turn * 1000 + number)) }
            for number in 0..<count { #expect(bucket.mayHold(key(turn * 1000 + number))) }
        }
    }

    @Test func aBucketOfUsualSizeSaysNoToAlmostAllOthers() {
        var claimed = 0
        for turn in 0..<100 {
            var bucket = KeyBucket(number: 0, first: 0)
            for number in 0..<KeyBucket.usualCount { bucket.add(key(turn * 1000 + number)) }
            for number in 0..<1000 where bucket.mayHold(key(1_000_000 + turn * 1000 + number)) { claimed += 1 }
        }
        // Of 100,000.
        #expect(claimed < 1000 && claimed > 0, "\(claimed)")
        #expect(!KeyBucket(number: 0, first: 0).mayHold(key(1)))
    }

    @Test(arguments: [1, 2, 7, 1 << 20]) func bucketsComeInTheOrderOfKeys(_ buckets: Int) {
        #expect(KeyBucket.number(of: 0, among: buckets) == 0)
        #expect(KeyBucket.number(of: .max, among: buckets) == buckets - 1)
        var last = 0
        for key in (0..<10_000).map(key).sorted() {
            let number = KeyBucket.number(of: key, among: buckets)
            #expect(number >= last && number < buckets)
            last = number
        }
        #expect(buckets > 10 || last == buckets - 1)
    }

    @Test func noLineIsTakenForAnother() {
        var bucket = KeyBucket(number: 5, first: 70)
        bucket.add(key(1))
        bucket.count = 1
        bucket.seal(number: 5)
        #expect(bucket.isWhole(number: 5) && !bucket.isWhole(number: 6))
        bucket.add(key(2))
        #expect(!bucket.isWhole(number: 5))
        #expect(MemoryLayout<KeyBucket>.stride == 64)
    }
}
