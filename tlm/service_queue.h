#pragma once

#include <systemc>

namespace icebp {

// Who waits for a core that does one thing at a time: first come, first served.
class ServiceQueue {
public:
  ServiceQueue() = default;
  ServiceQueue(const ServiceQueue&) = delete;
  ServiceQueue& operator=(const ServiceQueue&) = delete;

  // A place in the queue, which is left on every way out, by unwinding too. `turn` is notified, for
  // the next delta cycle, when it becomes the first by another's leaving.
  class Place {
  public:
    Place(ServiceQueue& queue, sc_core::sc_event& turn);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    bool is_first() const { return queue_.first_ == this; }

  private:
    friend class ServiceQueue;

    ServiceQueue& queue_;
    sc_core::sc_event& turn_;
    Place* before_;
    Place* behind_ = nullptr;
  };

  bool is_empty() const { return !first_; }

  // From now on places are left without a look at the others: those of threads that simulation has
  // ended are gone already.
  void close() { is_closed_ = true; }

private:
  bool is_closed_ = false;
  Place* first_ = nullptr;
  Place* last_ = nullptr;
};

} // namespace icebp
