#pragma once

#include <string_view>

#include "dragoman/encode/model_store.h"
#include "encode/model_hub.h"

namespace dragoman {

/// pull_model with the hub's place given instead of taken from the environment.
Model pull_model(const ModelStore& store, std::string_view name, const PullOptions& options,
                 const ProgressCallback& progress, const HubSettings& hub);

}  // namespace dragoman
