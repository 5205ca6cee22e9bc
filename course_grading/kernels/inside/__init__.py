"""What runs inside the warm processes that fork kernels. The sandbox shows the student's side this folder and nothing
else of `course_grading`, so nothing here may know an answer, import from outside it, or hold a secret."""
