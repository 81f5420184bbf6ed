#pragma once

#include <systemc>

namespace icebp {
inline namespace v0_1 {

// Who waits for a core that does one thing at a time: first come, first served.
class ServiceQueue {
public:
  // `turn` is notified, for the next delta cycle, when a place becomes the first by another's
  // leaving.
  explicit ServiceQueue(sc_core::sc_event& turn) : turn_(turn) {}
  ServiceQueue(const ServiceQueue&) = delete;
  ServiceQueue& operator=(const ServiceQueue&) = delete;

  // A place in the queue, once it is taken. It is left on every way out, by unwinding too.
  class Place {
  public:
    explicit Place(ServiceQueue& queue) : queue_(queue) {}
    virtual ~Place() { leave(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    void take();
    void leave();
    bool is_taken() const { return is_taken_; }
    bool is_first() const { return queue_.first_ == this; }

    // Lets begin what waits here: it is the first, and the core is idle.
    virtual void begin() = 0;

  private:
    ServiceQueue& queue_;
    Place* before_ = nullptr;
    Place* behind_ = nullptr;
    bool is_taken_ = false;
  };

  // Null: nobody waits.
  Place* first() const { return first_; }

  // From now on places are left without a look at the others: those of threads that simulation has
  // ended are gone already.
  void close() { is_closed_ = true; }

private:
  sc_core::sc_event& turn_;
  bool is_closed_ = false;
  Place* first_ = nullptr;
  Place* last_ = nullptr;
};

} // namespace v0_1
} // namespace icebp
