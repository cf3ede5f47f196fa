#pragma once

// Arrow record batches → ports' QueryResult, and parameters → a one-row batch. Internal to this adapter.

#include <arrow/api.h>

#include <memory>
#include <span>
#include <utility>

#include "ports/storage.h"

namespace letterlock::flight {

QueryColumn column_of(const arrow::Field& field);
// One cell; lists and structs as JSON text, types without a Value of their own as Arrow prints them.
Value value_of(const arrow::Array& array, std::int64_t row);
arrow::Result<std::shared_ptr<arrow::RecordBatch>> parameters_batch(std::span<const std::pair<std::string, Value>> parameters);
// The first row of a batch as parameters by column name.
arrow::Result<std::vector<std::pair<std::string, Value>>> parameters_of(const arrow::RecordBatch& batch);

}  // namespace letterlock::flight
