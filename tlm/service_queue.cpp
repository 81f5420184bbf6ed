#include <icebp/tlm/service_queue.h>

namespace icebp {
inline namespace v0_1 {

void ServiceQueue::Place::take() {
  before_ = queue_.last_;
  (before_ ? before_->behind_ : queue_.first_) = this;
  queue_.last_ = this;
  is_taken_ = true;
}

void ServiceQueue::Place::leave() {
  if (!is_taken_ || queue_.is_closed_)
    return;
  is_taken_ = false;
  (before_ ? before_->behind_ : queue_.first_) = behind_;
  (behind_ ? behind_->before_ : queue_.last_) = before_;
  if (!before_ && behind_)
    queue_.turn_.notify(sc_core::SC_ZERO_TIME);
}

} // namespace v0_1
} // namespace icebp
