// Published asymmetric units of pure-silica zeolites, digit by digit as refined. The order is that of the index.
import type { PublishedStructure } from './published-structure.ts';

const MFI: PublishedStructure = {
  title: 'MFI, silicalite-1, SiO2, orthorhombic',
  publication: {
    authors: ['van Koningsveld, H.', 'van Bekkum, H.', 'Jansen, J. C.'],
    title:
      'On the location and disorder of the tetrapropylammonium (TPA) ion in zeolite ZSM-5 with improved framework accuracy',
    journal: 'Acta Cryst. B',
    year: 1987,
    volume: '43',
    first_page: '127',
    doi: '10.1107/S0108768187098173',
  },
  deposition: 'asymmetric unit of the paper; single crystal, X-rays',
  space_group: 'P n m a',
  cell: { a: '20.022', b: '19.899', c: '13.383' },
  sites: `
    Si1  Si 0.42238 0.0565 -0.33598
    Si2  Si 0.30716 0.02772 -0.1893
    Si3  Si 0.27911 0.06127 0.0312
    Si4  Si 0.12215 0.06298 0.0267
    Si5  Si 0.07128 0.02722 -0.18551
    Si6  Si 0.18641 0.05896 -0.32818
    Si7  Si 0.42265 -0.1725 -0.32718
    Si8  Si 0.30778 -0.13016 -0.18548
    Si9  Si 0.27554 -0.17279 0.03109
    Si10 Si 0.12058 -0.1731 0.02979
    Si11 Si 0.07044 -0.13037 -0.182
    Si12 Si 0.18706 -0.17327 -0.31933
    O1   O  0.3726 0.0534 -0.2442
    O2   O  0.3084 0.0587 -0.0789
    O3   O  0.2007 0.0592 0.0289
    O4   O  0.0969 0.0611 -0.0856
    O5   O  0.1149 0.0541 -0.2763
    O6   O  0.2435 0.0553 -0.246
    O7   O  0.3742 -0.1561 -0.2372
    O8   O  0.3085 -0.1552 -0.0728
    O9   O  0.198 -0.1554 0.0288
    O10  O  0.091 -0.1614 -0.0777
    O11  O  0.1169 -0.1578 -0.2694
    O12  O  0.2448 -0.1594 -0.2422
    O13  O  0.3047 -0.051 -0.1866
    O14  O  0.0768 -0.0519 -0.1769
    O15  O  0.4161 0.1276 -0.3896
    O16  O  0.4086 -0.0017 -0.4136
    O17  O  0.402 -0.1314 -0.4239
    O18  O  0.1886 0.1298 -0.3836
    O19  O  0.194 0.0007 -0.4082
    O20  O  0.1951 -0.1291 -0.419
    O21  O  -0.0037 0.0502 -0.208
    O22  O  -0.004 -0.1528 -0.2078
    O23  O  0.4192 -0.25 -0.354
    O24  O  0.1884 -0.25 -0.3538
    O25  O  0.2883 -0.25 0.0579
    O26  O  0.1085 -0.25 0.0611`,
  preparation:
    'Framework positions as published; the template ion in the pores left out. No disorder of the framework.',
  variants: [{ name: 'MFI', cell: 'conventional', category: 'zeolite' }],
};

const FAU: PublishedStructure = {
  title: 'FAU, siliceous faujasite, SiO2',
  publication: {
    authors: ['Attfield, M.', 'Feygenson, M.', 'Neuefeind, J. C.', 'Proffen, T. E.', 'Lucas, T. C.', 'Hriljac, J. A.'],
    title: 'Reprobing the mechanism of negative thermal expansion in siliceous faujasite',
    journal: 'RSC Adv.',
    year: 2016,
    volume: '6',
    doi: '10.1039/C5RA23827G',
  },
  deposition: 'COD 7224240; powder, neutrons, 300 K',
  space_group: 'F d -3 m :2',
  cell: { a: '24.2602(9)', b: '24.2602(9)', c: '24.2602(9)' },
  sites: `
    Si1 Si 0.94620(11) 0.12593(12) 0.03596(16)
    O1  O  0.0 -0.10635(12) 0.10635(12)
    O2  O  -0.00386(10) -0.00386(10) 0.14078(17)
    O3  O  0.07590(11) 0.07590(11) -0.03591(15)
    O4  O  0.07066(11) 0.07066(11) 0.32054(15)`,
  preparation: 'All positions as published. No disorder.',
  variants: [
    { name: 'FAU', cell: 'conventional', category: 'zeolite' },
    { name: 'FAU_primitive', cell: 'primitive', category: 'zeolite' },
  ],
};

const LTA: PublishedStructure = {
  title: 'LTA, pure-silica, SiO2',
  publication: {
    authors: [
      'Boal, B. W.',
      'Schmidt, J. E.',
      'Deimund, M. A.',
      'Deem, M. W.',
      'Henling, L. M.',
      'Brand, S. K.',
      'Zones, S. I.',
      'Davis, M. E.',
    ],
    title: 'Facile Synthesis and Catalysis of Pure-Silica and Heteroatom LTA',
    journal: 'Chem. Mater.',
    year: 2015,
    volume: '27',
    first_page: '7774',
    doi: '10.1021/acs.chemmater.5b03579',
  },
  deposition: 'COD 4003210; single crystal, X-rays, 100 K',
  space_group: 'P m -3 m',
  cell: { a: '11.857(4)', b: '11.857(4)', c: '11.857(4)' },
  sites: `
    Si1 Si 0.5000 0.86918(2) 0.31655(2)
    O1  O  0.5000 0.79613(4) 0.20387(4)
    O2  O  0.61064(4) 0.84036(6) 0.38936(4)
    O3  O  0.5000 1.0000 0.28299(7)`,
  preparation: 'All positions as published. No disorder.',
  variants: [{ name: 'LTA', cell: 'conventional', category: 'zeolite' }],
};

export const ZEOLITES: readonly PublishedStructure[] = [MFI, FAU, LTA];
