// Published asymmetric units of pure-silica zeolites, digit by digit as refined. The order is that of the index.
import type { PublishedStructure } from './published-structure.ts';

const MFI: PublishedStructure = {
  title: 'MFI, silicalite-1, SiO2, orthorhombic',
  publication: {
    authors: ['Artioli, G.', 'Lamberti, C.', 'Marra, G. L.'],
    title: 'Neutron powder diffraction study of orthorhombic and monoclinic defective silicalite',
    journal: 'Acta Cryst. B',
    year: 2000,
    volume: '56',
    first_page: '2',
    doi: '10.1107/S0108768199008927',
  },
  deposition: 'COD 2101987; powder, neutrons',
  space_group: 'P n m a',
  cell: { a: '20.05110(10)', b: '19.87570(10)', c: '13.36823(9)' },
  sites: `
    Si1  Si .4245(3) .0601(3) -.3315(4)
    Si2  Si .3083(3) .0281(2) -.1860(4)
    Si3  Si .2779(3) .0612(3) .0341(4)
    Si4  Si .1182(3) .0628(3) .0283(4)
    Si5  Si .0749(3) .0289(3) -.1874(5)
    Si6  Si .1888(3) .0607(3) -.3272(4)
    Si7  Si .4249(3) -.1723(2) -.3265(4)
    Si8  Si .3087(3) -.1321(3) -.1842(4)
    Si9  Si .2721(3) -.1754(2) .0335(4)
    Si10 Si .1199(3) -.1738(2) .0320(4)
    Si11 Si .0723(3) -.1292(3) -.1809(5)
    Si12 Si .1858(3) -.1732(2) -.3233(4)
    O1   O  .3777(3) .0495(5) -.2359(5)
    O2   O  .3060(5) .0631(4) -.0782(4)
    O3   O  .1981(3) .0601(4) .0274(4)
    O4   O  .0989(3) .0663(4) -.0876(4)
    O5   O  .1161(3) .0616(5) -.2776(5)
    O6   O  .2487(3) .0618(5) -.2482(5)
    O7   O  .3745(4) -.1628(4) -.2343(6)
    O8   O  .3077(5) -.1545(3) -.0694(4)
    O9   O  .1963(3) -.1505(3) .0227(5)
    O10  O  .0876(4) -.1665(4) -.0772(5)
    O11  O  .1152(3) -.1546(4) -.2746(6)
    O12  O  .2437(4) -.1531(4) -.2462(6)
    O13  O  .3153(4) -.0521(2) -.1876(4)
    O14  O  .0840(3) -.0501(3) -.1678(5)
    O15  O  .4193(4) .1321(4) -.3842(6)
    O16  O  .4054(4) .0006(4) -.4069(6)
    O17  O  .4014(4) -.1346(4) -.4264(6)
    O18  O  .1906(5) .1319(3) -.3828(5)
    O19  O  .1899(5) .0019(3) -.4089(5)
    O20  O  .1959(6) -.1323(3) -.4251(4)
    O21  O  -.0021(3) .0441(4) -.2093(5)
    O22  O  -.0019(3) -.1513(5) -.2103(6)
    O23  O  .4287(7) -.25 -.3573(9)
    O24  O  .2025(6) -.25 -.3473(8)
    O25  O  .2881(6) -.25 .0722(7)
    O26  O  .1136(7) -.25 .0696(9)`,
  preparation:
    'All positions as published. The sample lacked about 8 % of its silicon; the model has every site occupied and is SiO2. ' +
    'The refinement restrained Si-O to 1.60 A.',
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
