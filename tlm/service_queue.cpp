#include <icebp/tlm/service_queue.h>

namespace icebp {

ServiceQueue::Place::Place(ServiceQueue& queue, sc_core::sc_event& turn)
    : queue_(queue), turn_(turn), before_(queue.last_) {
  (before_ ? before_->behind_ : queue_.first_) = this;
  queue_.last_ = this;
}

ServiceQueue::Place::~Place() {
  if (queue_.is_closed_)
    return;
  (before_ ? before_->behind_ : queue_.first_) = behind_;
  (behind_ ? behind_->before_ : queue_.last_) = before_;
  if (!before_ && behind_)
    behind_->turn_.notify(sc_core::SC_ZERO_TIME);
}

} // namespace icebp
