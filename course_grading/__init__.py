"""What instructors run: the `course` command and plug-ins for nbgrader. Never given to students."""
