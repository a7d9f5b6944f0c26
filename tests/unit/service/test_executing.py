"""What a process needs before it follows many sessions."""

import resource

from facilitator.service.executing import OTHER_FILES, make_room


def test_a_process_may_open_a_file_for_each_session_it_follows() -> None:
    """Room is made as far as the system allows, and never taken away."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    make_room(2000)
    now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4000 + OTHER_FILES

    assert now >= (min(wanted, hard) if hard != resource.RLIM_INFINITY else wanted)
    assert now >= soft or soft == resource.RLIM_INFINITY
    make_room(1)
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == now
