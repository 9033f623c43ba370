/* Written by scripts/build-demo-images.mjs. */
/* prettier-ignore */

/** The ext4 filesystem: sparse runs, deflated, as base64. */
export const EXT4_IMAGE = {
  bytes: 8388608,
  differences: false,
  packed: [
  '7Z3BbxzVHcd/u1lK4th1hEAEKYVReyhS42Vm3tuZ2ahqEiVRkjZtojhE5VJ1scdk5bXHrNehoUIUCSS4wS3QQ1W1lXKrqvaSW9QTAsRfgHpAQn',
  'AJSG3FDRnN7iaK3+cHSBhlk8z7Sptk7Y92v+/n9dfv+5zdFZG6iNQPiYjsFFkSkev3i4QyUn18kT+MLofGH5erT3ZFNjfnP6tJ7eb1kWrjv3eP',
  'rzwuIv+uiyw3RHobq531hWItH6OL+Uoxl/9uYOX2yfFQr8khmd6yru9WgQQ3Z3KrGjWRH8i9pZ3idbdp6Z1r942/dLXye/0BEfnhMAdC2SGNIX',
  'Nl7hfdUP4Vf9Vt/ONPH637Sd4T2iMiuzYPNuSnFR7CppeXl5eXl5eXl5eXl5dXBVSeA01Lrd4cn/9OS73ebI7OdB+UqXqvWB/8ZKnYWF2U4dnp',
  'tDTqR08fmf/+8ADh/tqp08eb5359TmaH/O7amdNnzx0+Nd88Mn9+eMBweXaqdvbY4aO/PDbEvO48PXbj6N+repoW+U/jw4+v7HZy4JPZUQ54VU',
  'Y/9jlQ7RwI3n7xrfLf/5/186iwnvA5UO0ceP/T2bd9DlReqc8BnwM+Byqvgz4HfA5Mf8U54YyIfDC7q3bi2KlTp/0R372s4z4Hqp0DD//oL1Mn',
  '8l6vCJb6xUrQCRa7/XxhUPQvNaf8hCqjMyIyG4dxMhdGc2EUhOGBMAwuFr2NlTxYuJAvLAdhUCxPbUWi1lYkImKcW4mJWOdWjItE8GKJuF5aRF',
  'wvCRHXS+oiMbxkRFwvbSKulygk45qJMF8DN1FMBl8mQwZ+LBn4wYwt/SRk4CclAz8ZGfjBnFvwE4dkXD9xRAaP45iM6yfGnBP6sWTgp0UGfhIy',
  '8IM5p/STkYGfNhnXjwnJ4Bsdc87gx8RkXD/GkIEfSwZ+MOc2/SRk4CclAz8ZGfhx5xwxlW1IxvVjIzKuHxuTcf1Yd86RksyWDPy0yMBPQgZ+3D',
  'lHTGebkYGfNhnXTysk4/ppYc7M51ZMBj+6DBn4sWTgB3NmPrcSMvCTkoGfjAz8YM7M5yQk4/pJIjL42R6Tcf0kmDPzObFk4KdFBn4SMvCDOTOf',
  'k4wM/LTJuH7SkAw2P5gz8zmNybh+UkMGfiwZ+MGcmc9pQgZ+UjLwk5GBH3fOMfM5C8m4frKIjOsni8m4fjJ3zjHzObNk4KdFBn4SMvDjzjlWds',
  '8ZGfhpk3H9tEMyrp825sx8bsdksJ03ZODHkoEfzJn53E7IwE9KBn4yMvCDOTOfozAkhA19GBFi44kJYUsfYtaJ4skSoqcWIXpKCNET5p0qnjJC',
  '9NQmBE+ohnGqVENMnFkdoRzGDOsI7TDOFE+WED1h4m3FU0KInlJC9JQRoid34iZUOnRICJ7QEg1TO0JNNIztCD3RRIonS4ieWoToKSFET+7ETa',
  'x4ygjRU5sQPKEuGuX4A33RKOcfKIxGOwAxhOjJEqInTFw5A0FpNMohCFqjUU5BUBuNcgyC3miUHEdxNEqOozkaJcdRHY2S4+iORslxlEej5Dja',
  'o1FyHPXRKDmO/miUHEeBNEqOo0EaJcdRIY2S4+iQRslxlEij5DhapFFyHDXSKDmOHmmUHEeRNEqOo0kaJcdRJY2S4+iSVslxlEmr5DjapFVyHH',
  'XSKjmOPmmVHEehtEqOo1FaJcdRKa2S4+iUVslxlEqr5DhapVVyHLXSKjmOXmmVHEextEqOo1laJcdRLa2S4+iWVslxlEurHWanhOgpI0RPmLiS',
  '4yiYVslxNEyr5DgqplVyHB3TKjmOkmmVHEfLtEqOo2ZaJcfRM62S4yiaVslxNE2r5DiqplVyHF3TKjmOsmmVHEfbtEqOo25aJcfRN62S4yicVs',
  'lxNE6r5Dgqp1VyfNQ5/S9g7xD9tnwdqbWiP+j09j/TLzbW9veLXj4zFcVpM2yGzWh/tL+zMOhezINibdBd6T6fL9762fjGZ1eL1blbCD/Zu0sX',
  'ysfBU8VGMHyaaNAJlrq9PHj6UtDPO4vd1WeCfue5YH34H0XWg+Ji3g+680fmTzZnpn5VBIv9bvmRlWJjdZAvBoML3fVgsbu+fCDIL+b9S8HTlw',
  'Z5sNBZyYPuatAJjnYGnbmTq8GZo082/SPlztLr5WvLbW6OrvhnVnt5eXl5eXl5eXl5eXl53bsSqe3Z8vYA5fss3LjcJr364OQPQ64fHr/COtbf',
  'GA9n9OfU/2rjV94fqXz/iB3bvO83jpfvRfHnP2754G2c/6T13zerfRC392fVXv/5RrXX//LPq73+d9Yq/gTN+6q9/kcPVnv97z07eQ/Xyv3PIW',
  '3/U5fga/Y/jfFlO+q9Vu5/vvj7JPc/N/Z/V1+qLZeXW9f/Tfu/7b631m8eKdf/QW+S6//rSyJ7RVt/7RvXv2ub9/29h8r1z1ye9Pqf36evf8/X',
  'rL98gY3t/l57el+5/t+/MOn1z3/Lr//0Nu/7n/Pl+t/926TXv/Et1z+zzfv+/Ey5/leak1z/lw==',
  ],
} as const;
