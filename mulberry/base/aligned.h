// Buffers aligned for vector loads, owned by RAII. Not containers: their contents start
// uninitialised and are never moved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace mulberry {

inline constexpr size_t kCacheLine = 64;

template <typename T>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  AlignedBuffer() = default;

  /// `size` elements, uninitialised, at a 64-byte boundary. Throws std::bad_alloc.
  explicit AlignedBuffer(size_t size) : size_(size) {
    const size_t bytes = (size * sizeof(T) + kCacheLine - 1) / kCacheLine * kCacheLine;
    if (bytes == 0) return;
    data_.reset(static_cast<T*>(std::aligned_alloc(kCacheLine, bytes)));
    if (!data_) throw std::bad_alloc();
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_.get()[i]; }
  const T& operator[](size_t i) const { return data_.get()[i]; }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, Free> data_;
  size_t size_ = 0;
};

/// Scratch memory that is reused from call to call: it grows to the largest need.
template <typename T>
class ScratchBuffer {
 public:
  /// At least `size` elements, their contents unspecified. Throws std::bad_alloc.
  T* Of(int64_t size) {
    if (static_cast<int64_t>(buffer_.size()) < size) {
      buffer_ = AlignedBuffer<T>(static_cast<size_t>(size));
    }
    return buffer_.data();
  }

 private:
  AlignedBuffer<T> buffer_;
};

}  // namespace mulberry
