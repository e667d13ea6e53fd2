// Where what is allocated lies, so that few pages are copied for a child (allocators.c).

#ifndef TRIALBOX_ALLOCATORS_H
#define TRIALBOX_ALLOCATORS_H

#pragma GCC visibility push(hidden)

// From now on Python takes its arenas from one place. To be called before anything is imported.
void gather_arenas(void);
// Uses up what is free here and there, so that what a child allocates lies on pages that nobody has touched.
void use_up_free_blocks(void);

#pragma GCC visibility pop

#endif
