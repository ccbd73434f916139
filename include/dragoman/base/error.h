#pragma once

#include <stdexcept>
#include <string>

namespace dragoman {

/// Whatever the library throws on purpose. The message is one line that names the place and the remedy.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An argument breaks the contract. Exit 2, HTTP 400, Python ValueError.
class InvalidArgument : public Error {
 public:
  using Error::Error;
};

/// A file is malformed, cut short, or made by something newer. Exit 1, HTTP 422, Python ValueError.
class InvalidData : public Error {
 public:
  using Error::Error;
};

/// An index, model or file is missing. Exit 1, HTTP 404, Python FileNotFoundError.
class NotFound : public Error {
 public:
  using Error::Error;
};

/// A service or a resource (a model endpoint, disk space, a lock) cannot be had now. Exit 1, HTTP 503,
/// Python ConnectionError.
class Unavailable : public Error {
 public:
  using Error::Error;
};

}  // namespace dragoman
