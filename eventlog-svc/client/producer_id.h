// A name that no other producer has.

#ifndef EVENTLOG_SVC_CLIENT_PRODUCER_ID_H_
#define EVENTLOG_SVC_CLIENT_PRODUCER_ID_H_

#include <string>

namespace eventlog {

// 128 random bits in hexadecimal, from the kernel: a generator of the process would give the children of one fork the
// same name, and the log would take the events of one for repeats of the other's.
std::string NewProducerId();

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_PRODUCER_ID_H_
