#ifndef ICEBP_SYSTEMC_H
#define ICEBP_SYSTEMC_H
/* The functions of icebp.h over a core of a SystemC simulation. Whoever asks for it links
 * icebp::c_systemc, a library of its own. */
#include <icebp.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Gives a handle of the loosely timed icebp::DebugCore with that hierarchical name,
 * "top.cpu0.debug". What is executed is executed by that core, in its state, and `cycles` are the
 * caller's to spend; `now` of a request is the simulation's time. While RESET is active every
 * outcome is cancelled, and what pokes or loads is ICEBP_FAILED. While the core is timed every call
 * is ICEBP_NO_CORE. The handle is not to be used once the core is gone, and is ended by
 * icebp_core_delete; the core stays. What is wrong is written into `message` as by icebp_cpu_new.
 */
ICEBP_API icebp_status icebp_core_find(const char* name, icebp_core** core, char* message,
                                       size_t message_size);

#ifdef __cplusplus
}
#endif

#endif
