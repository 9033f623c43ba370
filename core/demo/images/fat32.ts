/* Written by scripts/build-demo-images.mjs. */
/* prettier-ignore */

/** The fat32 filesystem: sparse runs, deflated, as base64. */
export const FAT32_IMAGE = {
  bytes: 35651584,
  differences: false,
  packed: [
  '7ZrBbhtVFIZPQqElIW2BFhWExC07RGLNzD2eGVdsoiahFSmJkrQqqEKaxJPWiuOJxk4qVyx4BB6AJ0BIbNghIV6gb8GuG5ZdEeSEouR+B7FDLf',
  'WVIkueL9an48zv+99Y5GhNPrn77e7Odr+xXQxkcsLJ5OjZpyJOzh0TFyfkyuRfsIhMyGtycn0jH9365OP3FhZvrcwtzW8455bmN3zinDv/wS8P',
  'v/7hw18H03d+Ov/zWXl88asnvye/PX7n8btP/th40Om7Tt/1qoEr3GZVDYrNbunanf5Ow7nVbln0S9fp9cv61PXtbrW3N3RFrz0ztVeX/b4rek',
  'O3Uw7doHKDeuiK+0Wn5xqNhpuZkvH6t3X7+7W1Yn48h//3quv54rvpCblsvP8iRzf0OAfGOTDOgZcgB36cnpBJOwfc6LZ+enh44fDw8MKzx9HP',
  '6E4/K3KUBK+LyOiOmhaRN0RkRkTOi8iFUUSIyJsi8paIvC0ihydeYzz9F2VN5uO/g/ESObMqIpdOfKCfE/nys95Sb+n48ZhaW5xfuLXo3MbdjV',
  'F+yNV7V+8dP74i+yKyurK2Mb+87q6v3wmun5F1EVle+dSNFn//VXn0vsjCyvV1d7wunr5+afwW/Qfri2rfbVf7vbYr3HanW7rNoavLot3p3Xd1',
  '8dD1y61BVfdddVDWrrN+ff1mY2bq88q1687omd1qvzco224w2ueNdnXXXHlQ1kO3ORyUbqvYHe3uXOEWikExd7PnVhduN8Y7tudo7VX1oOjO3q',
  '+r/b3ZuuqWM1NxkjWiRtSIZ+PZYmvQOShdtTfo7HYele2TV5NnV3tVb+4EMR7qC7SSKEnnonguil0UXYsid1B193dLt/Wg3Npxkat2pk4jcfM0',
  'EhPxwaskRDR4FR8iMVyUSOjSJBK6pERClyxEErjkREKXFpHQJY7IhDIx5uthEydk8DZ5MvBRMvDBjJU+KRn4ZGTgk5OBD+bchE8SkQl9kpgM/o',
  '4TMqFPgjmn9FEy8GmSgU9KBj6Yc0afnAx8WmRCHx+RwY2OOefw8QmZ0Md7MvBRMvDBnFv0ScnAJyMDn5wMfMI5x0xljciEPhqTCX00IRP6aDjn',
  '2EhmJQOfJhn4pGTgE845ZjprTgY+LTKhTzMiE/o0MWfmczMhg48uTwY+SgY+mDPzuZmSgU9GBj45GfhgzsznNCIT+qQxGXy2J2RCnxRzZj6nSg',
  'Y+TTLwScnAB3NmPqc5Gfi0yIQ+WUQGmx/MmfmcJWRCn8yTgY+SgQ/mzHzOUjLwycjAJycDn3DOCfM5j8iEPnlMJvTJEzKhTx7OOWE+50oGPk0y',
  '8EnJwCecc2LsnnMy8GmRCX1aEZnQp4U5M59bCRls5z0Z+CgZ+GDOzOdWSgY+GRn45GTggzkzn+MoIoQNfRQTYuNJCGFLH2HWqeGkhOjUJESnlB',
  'CdMO/McMoJ0alFCE6ohklmVENMnFkdoxwmDOsY7TDJDSclRCdMvGU4pYTolBGiU06ITuHEfWR06IgQnNASPVM7Rk30jO0YPdHHhpMSolOTEJ1S',
  'QnQKJ+4TwyknRKcWITihLnrj+AN90RvnHyiM3joA8YTopITohIkbZyAojd44BEFr9MYpCGqjN45B0Bu9keMojt7IcTRHb+Q4qqM3chzd0Rs5jv',
  'LojRxHe/RGjqM+eiPH0R+9keMokN7IcTRIb+Q4KqQ3chwd0hs5jhLpjRxHi/RGjqNGeiPH0SO9keMokt7IcTRJb+Q4qqQ3chxdUo0cR5lUI8fR',
  'JtXIcdRJNXIcfVKNHEehVCPH0SjVyHFUSjVyHJ1SjRxHqVQjx9Eq1chx1Eo1chy9Uo0cR7FUI8fRLNXIcVRLNXIc3VKNHEe5VOswOyNEp5wQnT',
  'BxI8dRMNXIcTRMNXIcFVONHEfHVCPHUTLVyHG0TDVyHDVTjRxHz1Qjx1E01chxNE01chxVU40cR9dUI8dRNtXIcbRNNXIcdVONHEffVCPHUTjV',
  'yHE0TjVyHJVTjRw/7pzj/70+D6vh/l7m928ajX+6fvz7NxaXl1fM7/dclivj8T7360bZ7VZuu652XeHanfro6z7DxvjufEnWnw==',
  ],
} as const;
