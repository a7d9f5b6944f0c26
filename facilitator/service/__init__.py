"""The process that runs all day: the only room that knows APScheduler."""
