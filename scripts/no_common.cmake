# Leaves libllama-common out of the build of llama-cpp-python, which never loads it: more than half of the time on two cores.
# The package forces LLAMA_BUILD_COMMON=ON in CMake's cache, so -DLLAMA_BUILD_COMMON=OFF has no effect. A normal variable set in
# llama.cpp's own scope hides the cached one; CMake reads this file there, because scripts/setup passes
# -DCMAKE_PROJECT_llama.cpp_INCLUDE=…/no_common.cmake.
set(LLAMA_BUILD_COMMON OFF)
