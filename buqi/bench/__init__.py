"""How fast this machine trains, answers, and answers many: each way in a process or a pass of its own."""
