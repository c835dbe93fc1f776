internal import CMalloc

/// The C library's allocator.
public enum Allocator {
  /// Has memory of large buffers go back to the system when they are freed, instead of being kept for each
  /// of many threads. To be called first, by programs that work in bursts: where calls need large buffers
  /// all the time, fetching them from the system anew costs more than keeping them.
  ///
  /// - Parameter byteCount: what is large.
  public static func returnBuffers(from byteCount: Int) { _ = malloc_map_from(byteCount) }
}
