# Installed package: find_package(mulberry) gives mulberry::base ... mulberry::plan and, where it was
# built, mulberry::nn and above.
