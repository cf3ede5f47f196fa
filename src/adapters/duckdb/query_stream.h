#pragma once

// The rows of a running query in Arrow's C data interface (https://arrow.apache.org/docs/format/CDataInterface.html).
// One reader; cancel() from any thread. Keeps its tenant's file open until the tenant is forgotten, which cancels it. The
// time-out bounds the time spent in next(), not how slowly a client reads; a stream lives an hour at most.

#include <memory>

#include "base/result.h"

struct ArrowSchema;
struct ArrowArray;

namespace letterlock {

class QueryStream {
 public:
  virtual ~QueryStream() = default;
  // Fill *out; the caller releases it. Strings are utf8, times timestamp[us, UTC].
  virtual Result<void> schema(ArrowSchema* out) = 0;
  // Fill *out with the next batch (at most 16,384 rows; the caller releases it); false at the end.
  virtual Result<bool> next(ArrowArray* out) = 0;
  // Stop computing; every next() then fails with unavailable, code "cancelled".
  virtual void cancel() = 0;
};

}  // namespace letterlock
