/* Written by scripts/build-demo-images.mjs. */
/* prettier-ignore */

/** The fat12 filesystem: sparse runs, deflated, as base64. */
export const FAT12_IMAGE = {
  bytes: 1474560,
  differences: false,
  packed: [
  '7ZrPbhtVFIdvAqg0VdpCEQIJiVN2SMloZu7xzLhiQZSktCKQqkkr/lQVk3jSWnE81ngS5IoFvAGPwBqxZIeE+gJ9hy7YddMnAORGQHO/wwoJFe',
  'q7sZL5bH06Hv9mftd27smaf/Tetwf7e+Nor2zd/Nycm3/o3j/z+LR71c27v9a734zq2yvXV69cvbkuInJ5ZTtJReTs2z9//tUP79xvz9z88exP',
  'p9yD87cfPU5/efD6gzcf/bp9tz+W/liGdSul7NR1W+4MKun1x/uRyLVBVY4r6Q/HVXPi+N6gHo0mUg57iwujphqPpRxOZL+aSFtL20ykvFP2hx',
  'JFkSwuuNn6J+vG949/m66XvnCnvnanv3Nn7rvFh+6cm3tF5qYHzs1m9L9f0w/R3Ow8eO7Xhel58FTIv+zcZx8OLw8vHz8eQ9fXV9Y+WhfZ/mRb',
  'pn9fvHXx1vHjvDt0zl3bvL69srElq1s3g+MvuC3n3MbmB9PXNp7/orv3lnNrm6tbcrzOnzx+YfYO/Tvr4vRc+LQ+lL36cNiTUvb6g0p2JtJUZa',
  '8/vCNN+aWMq922bsZSH1WN9LdWt65Giwsf19Jr+tP/HNSHw7bqSTu9B5he8S9JdVQ1E9mZtJXslgfTK7+Usla25fLVoVxbuxHNrubP0BrVTVsO',
  'lu409eFoqakH1eJCkuZRHMVRspQslbtt/6iSetT2D/r3qt7TR9M/jg7r4fJTxGyo/6GVxmm2HCfLcSJxfCmO5ageHB5Usnu32t2XWOr9hZNI0j',
  'mJJER88CopEQ1exYdIAhclErp0iIQuGZHQJQ+RFC4FkdClSyR0SWIyoUyC+XrYJCkZvE2eDHyUDHwwY6VPRgY+ORn4FGTggzl34JPGZEKfNCGD',
  '8zglE/qkmHNGHyUDnw4Z+GRk4IM55/QpyMCnSyb08TEZfNAx5wI+PiUT+nhPBj5KBj6Yc5c+GRn45GTgU5CBTzjnhKmsMZnQRxMyoY+mZEIfDe',
  'ecGMmsZODTIQOfjAx8wjknTGctyMCnSyb06cRkQp8O5sx87qRkcOnyZOCjZOCDOTOfOxkZ+ORk4FOQgQ/mzHzOYjKhT5aQwbU9JRP6ZJgz8zlT',
  'MvDpkIFPRgY+mDPzOSvIwKdLJvTJYzK4+cGcmc95Sib0yT0Z+CgZ+GDOzOc8IwOfnAx8CjLwCeecMp+LmEzoUyRkQp8iJRP6FOGcU+ZzoWTg0y',
  'EDn4wMfMI5p8bdc0EGPl0yoU83JhP6dDFn5nM3JYPbeU8GPkoGPpgz87mbkYFPTgY+BRn4YM7M5ySOCeGGPk4IsfGkhHBLH2PWmeGkhOjUIUSn',
  'jBCdMO/ccCoI0alLCE6ohmluVENMnFmdoBymDOsE7TAtDCclRCdMvGs4ZYTolBOiU0GITuHEfWx06JgQnNASPVM7QU30jO0EPdEnhpMSolOHEJ',
  '0yQnQKJ+5Tw6kgRKcuITihLnpj+wN90Rv7HyiM3toA8YTopITohIkbeyAojd7YBEFr9MYuCGqjN7ZB0Bu9keMojt7IcTRHb+Q4qqM3chzd0Rs5',
  'jvLojRxHe/RGjqM+eiPH0R+9keMokN7IcTRIb+Q4KqQ3chwd0hs5jhLpjRxHi/RGjqNGeiPH0SO9keMokt7IcTRJb+Q4qqQ3chxdUo0cR5lUI8',
  'fRJtXIcdRJNXIcfVKNHEehVCPH0SjVyHFUSjVyHJ1SjRxHqVQjx9Eq1chx1Eo1chy9Uo0cR7FUI8fRLNXIcVRLNXIc3VKNHEe5VGszOydEp4IQ',
  'nTBxI8dRMNXIcTRMNXIcFVONHEfHVCPHUTLVyHG0TDVyHDVTjRxHz1Qjx1E01chxNE01chxVU40cR9dUI8dRNtXIcbRNNXIcdVONHEffVCPHUT',
  'jVyHE0TjVyHJVTjRw/7pyz716fhRXJn8v8HU4U/d3x4+dfWd/Y2DR/5/Oae2M23md+XakGg1r2mvpASun1myc/95lEs0/nc7J+Bw==',
  ],
} as const;
