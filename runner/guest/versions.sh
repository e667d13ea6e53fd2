# What the guest is built from: Debian 12's packages for amd64, pinned. Sourced by build.sh.

# package version SHA-256. The compiler, the linker, the C library of WASI, and what they need.
toolchain_packages="
clang-19 1:19.1.7-3~deb12u1 89ab931a9bbfd567a76df3141af5d5ec67b01d800150e614f2c9bf4671da9b08
libbsd0 0.11.7-2 bb31cc8b40f962a85b2cec970f7f79cc704a1ae4bad24257a822055404b2c60b
libclang-common-19-dev 1:19.1.7-3~deb12u1 811c2d398ad772204ec05ffde485cbbc4c210abc5dcf0068ff9ca3e647591ce7
libclang-cpp19 1:19.1.7-3~deb12u1 5daa784e1d747db320c16604729ffa805e6bfd72d3ac0b7cb0ee5f1a7ebc8aae
libclang-rt-19-dev-wasm32 1:19.1.7-3~deb12u1 a291d4ae24344016f2e05390a7875c88da6c1e2e48711607454e394604ecc669
libclang1-19 1:19.1.7-3~deb12u1 0e5cf7d98563ef2c74339d608b219a2b113e7c91c2834dabaeee423ce3bf2f96
libedit2 3.1-20221030-2 1cf14abf2716d3279db12d0657a5737cf70074a1e71d3bdf73206625e3c89ce6
libllvm19 1:19.1.7-3~deb12u1 6edf3a8b28495cdba883d9760e0dca1a81983fc497a5f989dc64d0d96d23b4aa
libmd0 1.0.4-2 03539fd30c509e27101d13a56e52eda9062bdf1aefe337c07ab56def25a13eab
libz3-4 4.8.12-3.1 6221ca25ad5abcfbe1965801029d85a88b4775320384b4b716de8fab7a4d2f7a
lld-19 1:19.1.7-3~deb12u1 416e084363a16a7060eaa6343ed641dfe864b8208c39170ee00a5679e4b486a2
llvm-19 1:19.1.7-3~deb12u1 f91492c5b361ff12f540b9f6145cf638b5e0fb3f145fceabd6c4b9540eab4bf9
llvm-19-linker-tools 1:19.1.7-3~deb12u1 448ced8f4e6969a8adaee9a4822fced6f1604a8ee8fcd32aa70328c7d83a68d9
wasi-libc 0.0~git20220510.9886d3d-2 513e25eeca77f7e31adf928b684714dd656cc6bc70c2970abfe3b4117e3b736f
"

# The same CPython for the machine that builds: it compiles the frozen library.
python_packages="
libexpat1 2.5.0-1+deb12u2 2255e62fc22a86d2c544b8a3f516da9aee19383ad5742722ab4ce7f66a30dbc8
libpython3.11-minimal 3.11.2-6+deb12u8 f3beaa03994ffedacf73c43a0843d53b062d347115d8af65bee2034552a4e6f9
libpython3.11-stdlib 3.11.2-6+deb12u8 890b3540dad8a1ccc0deeca025db735bcc82629a76adacbe3b50fcc06ed528ca
python3.11-minimal 3.11.2-6+deb12u8 4aba533f7cc5e7b93b7ff24482840e96813f5bcde9cce028395b65a0d799ccee
zlib1g 1:1.2.13.dfsg-1 d7dd1d1411fedf27f5e27650a6eff20ef294077b568f4c8c5e51466dc7c08ce4
"

python_source=python3.11 python_source_version=3.11.2-6+deb12u8
# SHA-256 and name of its files.
python_source_files="
197fa19ab45f41c820f40f6d9ead671c2ea29ddc53ba9424b36f1bf58458a10e  python3.11_3.11.2-6+deb12u8.dsc
2411c74bda5bbcfcddaf4531f66d1adc73f247f529aee981b029513aefdbf849  python3.11_3.11.2.orig.tar.gz
ece2d63c70ac0b7a401fbe6b51b0103be997c294a01a3865549be1862794ba97  python3.11_3.11.2-6+deb12u8.debian.tar.xz
"
