// Published asymmetric units of metal-organic frameworks, digit by digit as refined. The order is that of the index.
import type { PublishedStructure } from './published-structure.ts';

const MOF_5: PublishedStructure = {
  title: 'MOF-5 (IRMOF-1), Zn4O(1,4-benzenedicarboxylate)3, guest-free',
  publication: {
    authors: [
      'Lock, N.',
      'Wu, Y.',
      'Christensen, M.',
      'Cameron, L. J.',
      'Peterson, V. K.',
      'Bridgeman, A. J.',
      'Kepert, C. J.',
      'Iversen, B. B.',
    ],
    title: 'Elucidating Negative Thermal Expansion in MOF-5',
    journal: 'J. Phys. Chem. C',
    year: 2010,
    volume: '114',
    first_page: '16181',
    doi: '10.1021/jp103212z',
  },
  deposition: 'COD 1516287; single crystal, X-rays, 280 K',
  space_group: 'F m -3 m',
  cell: { a: '25.8247(4)', b: '25.8247(4)', c: '25.8247(4)' },
  sites: `
    Zn1 Zn 0.206474(11) 0.293526(11) 0.206474(11)
    O1  O  0.25 0.25 0.25
    O2  O  0.21951(6) 0.28049(6) 0.13385(8)
    C1  C  0.25 0.25 0.11148(15)
    C2  C  0.25 0.25 0.05365(15)
    C3  C  0.21787(10) 0.28213(10) 0.02653(13)
    H3  H  0.1957 0.3043 0.0443`,
  preparation: 'All atoms as published; hydrogens riding at 0.93 A in the refinement. No disorder.',
  variants: [
    { name: 'MOF-5', cell: 'conventional', category: 'benchmark' },
    { name: 'MOF-5_primitive', cell: 'primitive', category: 'benchmark' },
  ],
};

const IRMOF_10: PublishedStructure = {
  title: "IRMOF-10, Zn4O(4,4'-biphenyldicarboxylate)3, one network, guest-free",
  publication: {
    authors: [
      'Ferguson, A.',
      'Liu, L.',
      'Tapperwijn, S. J.',
      'Perl, D.',
      'Coudert, F.-X.',
      'Van Cleuvenbergen, S.',
      'Verbiest, T.',
      'van der Veen, M. A.',
      'Telfer, S. G.',
    ],
    title: 'Controlled partial interpenetration in metal-organic frameworks',
    journal: 'Nature Chem.',
    year: 2016,
    volume: '8',
    first_page: '250',
    doi: '10.1038/nchem.2430',
  },
  deposition: 'supporting data of the paper; DFT-optimized model',
  space_group: 'F m -3 m',
  cell: { a: '34.6033', b: '34.6033', c: '34.6033' },
  sites: `
    Zn1 Zn 0.2177 0.2177 0.2177
    O1  O  0.2500 0.2500 0.2500
    O2  O  0.2267 0.2267 0.1631
    C1  C  0.2500 0.2500 0.1465
    C2  C  0.2500 0.2500 0.1035
    C3  C  0.2253 0.2253 0.0829
    C4  C  0.2254 0.2254 0.0427
    C5  C  0.2500 0.2500 0.0214
    H1  H  0.2057 0.2057 0.0277
    H2  H  0.2061 0.2061 0.0993`,
  preparation:
    'All atoms as published. A computed structure: the crystals of this network are known from their powder pattern ' +
    '(Eddaoudi et al., Science 295, 469 (2002), a = 34.281 A), which gives the cell but not the positions. Biphenyl rings coplanar.',
  variants: [
    { name: 'IRMOF-10', cell: 'conventional', category: 'benchmark' },
    { name: 'IRMOF-10_primitive', cell: 'primitive', category: 'benchmark' },
  ],
};

const HKUST_1: PublishedStructure = {
  title: 'HKUST-1, Cu3(1,3,5-benzenetricarboxylate)2, dehydrated, open copper sites',
  publication: {
    authors: ['Peterson, V. K.', 'Southon, P. D.', 'Halder, G. J.', 'Price, D. J.', 'Bevitt, J. J.', 'Kepert, C. J.'],
    title:
      'Guest Adsorption in the Nanoporous Metal-Organic Framework Cu3(1,3,5-Benzenetricarboxylate)2: Combined In Situ X-ray Diffraction and Vapor Sorption',
    journal: 'Chem. Mater.',
    year: 2014,
    volume: '26',
    first_page: '4712',
    doi: '10.1021/cm501138g',
  },
  deposition: 'COD 4002052; single crystal, X-rays, 273 K',
  space_group: 'F m -3 m',
  cell: { a: '26.2711(4)', b: '26.2711(4)', c: '26.2711(4)' },
  sites: `
    Cu1 Cu 0.283508(8) 0.283508(8) 0.0000
    O1  O  0.24372(4) 0.31657(4) 0.05226(4)
    C1  C  0.17857(5) 0.32143(5) 0.11371(7)
    C2  C  0.20359(5) 0.29641(5) 0.06908(7)
    C3  C  0.13531(5) 0.29998(7) 0.13531(5)
    H3  H  0.1208 0.2712 0.1208`,
  preparation: 'All atoms as published; hydrogens riding at 0.93 A in the refinement. No disorder.',
  variants: [
    { name: 'HKUST-1', cell: 'conventional', category: 'benchmark' },
    { name: 'HKUST-1_primitive', cell: 'primitive', category: 'benchmark' },
  ],
};

const UIO_66: PublishedStructure = {
  title: 'UiO-66, hydroxylated: Zr6O4(OH)4(1,4-benzenedicarboxylate)6, guest-free, no missing linkers',
  publication: {
    authors: ['Øien, S.', 'Wragg, D.', 'Reinsch, H.', 'Svelle, S.', 'Bordiga, S.', 'Lamberti, C.', 'Lillerud, K. P.'],
    title: 'Detailed Structure Analysis of Atomic Positions and Defects in Zirconium Metal-Organic Frameworks',
    journal: 'Cryst. Growth Des.',
    year: 2014,
    volume: '14',
    first_page: '5370',
    doi: '10.1021/cg501386j',
  },
  deposition: 'COD 4512072; single crystal, X-rays, 100 K',
  space_group: 'F m -3 m',
  cell: { a: '20.7465(2)', b: '20.7465(2)', c: '20.7465(2)' },
  sites: `
    Zr1 Zr 0.0000 0.0000 0.11975(2)
    O1A O  -0.0505(5) -0.0505(5) 0.0505(5)
    O1B O  -0.0674(5) -0.0674(5) 0.0674(5)
    O2A O  0.0940(2) 0.0000 0.17023(19)
    C1  C  0.15179(11) 0.0000 0.15179(11)
    C2  C  0.20279(12) 0.0000 0.20279(12)
    C3  C  0.26712(15) 0.0000 0.18534(15)
    H3  H  0.2789 0.0000 0.1411`,
  ordering: {
    space_group: 'F -4 3 m',
    kept_images: { O1A: ['x,y,z'], O1B: ['-x,-y,-z'] },
  },
  placed_hydrogens: [{ on: 'O1B', bond_length_A: 0.96, neighbors_within_A: 2.4 }],
  preparation:
    'The refinement shares each of the eight faces of the Zr6 octahedron between a mu3-oxide (O1A) and a mu3-hydroxide (O1B); the model gives them to ' +
    'four oxides and four hydroxides in alternation, which lowers the symmetry to F-43m. Hydroxide hydrogens placed at 0.96 A away from the three Zr. ' +
    'Linkers (occupancy 0.727 in the crystal) complete, capping water and guests left out; ring hydrogens as published.',
  variants: [
    { name: 'UiO-66', cell: 'conventional', category: 'benchmark' },
    { name: 'UiO-66_primitive', cell: 'primitive', category: 'benchmark' },
  ],
};

const UIO_67: PublishedStructure = {
  title: "UiO-67, hydroxylated: Zr6O4(OH)4(4,4'-biphenyldicarboxylate)6, guest-free, no missing linkers",
  publication: {
    authors: ['Lee, S.', 'Bürgi, H.-B.', 'Alshmimri, S. A.', 'Yaghi, O. M.'],
    title: 'Impact of Disordered Guest-Framework Interactions on the Crystallography of Metal-Organic Frameworks',
    journal: 'J. Am. Chem. Soc.',
    year: 2018,
    volume: '140',
    first_page: '8958',
    doi: '10.1021/jacs.8b05271',
  },
  deposition: 'COD 4132640; single crystal, synchrotron X-rays, 260 K',
  space_group: 'F m -3 m',
  cell: { a: '26.8341(17)', b: '26.8341(17)', c: '26.8341(17)' },
  sites: `
    Zr1  Zr 1.000000 0.500000 0.59215(2)
    O1   O  1.0386(2) 0.5386(2) 0.5386(2)
    O2   O  1.0517(2) 0.5517(2) 0.5517(2)
    O3   O  1.07266(14) 0.500000 0.63209(13)
    C1   C  1.11750(15) 0.500000 0.61750(15)
    C2   C  1.15649(16) 0.500000 0.65649(16)
    C0AA C  1.1444(3) 0.4881(8) 0.7056(3)
    C1AA C  1.1803(3) 0.4863(5) 0.7416(3)
    C5   C  1.22990(19) 0.500000 0.72990(19)
    H0AA H  1.111395 0.481378 0.713950
    H1AA H  1.172158 0.476039 0.773701`,
  ordering: {
    space_group: 'F 2 3',
    kept_images: {
      O1: ['x,y,z'],
      O2: ['-x,-y,-z'],
      C0AA: ['x,y,z', 'z+1/2,1-y,x-1/2'],
      C1AA: ['x,y,z', 'z+1/2,1-y,x-1/2'],
      H0AA: ['x,y,z', 'z+1/2,1-y,x-1/2'],
      H1AA: ['x,y,z', 'z+1/2,1-y,x-1/2'],
    },
  },
  placed_hydrogens: [{ on: 'O2', bond_length_A: 0.96, neighbors_within_A: 2.4 }],
  preparation:
    'Oxides and hydroxides of the Zr6 octahedron alternate as in UiO-66. Each ring is tilted out of the carboxylate plane to either side; the model ' +
    'keeps one tilt per ring, opposite for the two rings of a linker, which lowers the symmetry to F23. Hydroxide hydrogens placed at 0.96 A away from ' +
    'the three Zr (the refinement fixed them at 0.81 A); ring hydrogens as published. Linkers (occupancy 0.96) complete, capping water left out.',
  variants: [
    { name: 'UiO-67', cell: 'conventional', category: 'mof' },
    { name: 'UiO-67_primitive', cell: 'primitive', category: 'mof' },
  ],
};

const NU_1000: PublishedStructure = {
  title: 'NU-1000, Zr6O4(OH)4(OH)4(H2O)4(1,3,6,8-(p-benzoate)4pyrene)2, guest-free',
  publication: {
    authors: [
      'Islamoglu, T.',
      'Otake, K.',
      'Li, P.',
      'Buru, C. T.',
      'Peters, A. W.',
      'Akpinar, I.',
      'Garibay, S. J.',
      'Farha, O. K.',
    ],
    title: 'Revisiting the structural homogeneity of NU-1000, a Zr-based metal-organic framework',
    journal: 'CrystEngComm',
    year: 2018,
    volume: '20',
    first_page: '5913',
    doi: '10.1039/C8CE00455B',
  },
  deposition: 'COD 7230579; single crystal, X-rays, 100 K',
  space_group: 'P 6/m m m',
  cell: { a: '39.2679(14)', b: '39.2679(14)', c: '16.5666(7)', gamma: '120' },
  sites: `
    Zr1 Zr 0.53599(2) 0.07198(2) 0.000000
    Zr2 Zr 0.45497(2) 0.000000 0.10671(2)
    O1  O  0.46673(10) 0.05926(8) 0.1482(2)
    O2  O  0.51888(9) 0.10521(7) 0.08097(15)
    O3  O  0.47156(14) 0.03602(10) 0.000000
    O4  O  0.51750(6) 0.03499(12) 0.1074(3)
    O5  O  0.39915(12) 0.000000 0.0974(3)
    O6  O  0.45847(15) 0.000000 0.2386(2)
    C1  C  0.49243(14) 0.09362(11) 0.1335(2)
    C2  C  0.49206(17) 0.12536(12) 0.1837(2)
    C3  C  0.4625(2) 0.11563(15) 0.2403(3)
    C4  C  0.4630(2) 0.14506(17) 0.2882(3)
    C5  C  0.4920(2) 0.18361(15) 0.2802(3)
    C6  C  0.5209(2) 0.19293(14) 0.2230(3)
    C7  C  0.5210(2) 0.16380(13) 0.1753(3)
    C8  C  0.4925(3) 0.18389(18) 0.4593(3)
    C9  C  0.4916(3) 0.21414(17) 0.4135(3)
    C10 C  0.4911(4) 0.24555(18) 0.4561(4)
    C11 C  0.4932(2) 0.21592(17) 0.3292(3)
    C12 C  0.4934(3) 0.24671(16) 0.2898(4)
    H1  H  0.442486 0.089670 0.246259
    H2  H  0.443248 0.138428 0.326249
    H3  H  0.540510 0.218980 0.216167
    H4  H  0.540863 0.170491 0.137524
    H5  H  0.493210 0.163505 0.432087
    H6  H  0.493710 0.246855 0.233673`,
  ordering: { space_group: 'P 3 1 2', kept_images: {} },
  placed_hydrogens: [
    { on: 'O3', image: 'x-y,-y,z', bond_length_A: 0.96, neighbors_within_A: 2.3 },
    { on: 'O4', image: 'x,y,z', bond_length_A: 0.96, neighbors_within_A: 2.3 },
  ],
  placed_on_terminal_oxygens: [
    { on: 'O5', image: 'x,y,z', ligand: 'hydroxide', bond_length_A: 0.96, neighbors_within_A: 2.3 },
    { on: 'O5', image: 'x,y,-z', ligand: 'water', bond_length_A: 0.96, neighbors_within_A: 2.3 },
    { on: 'O6', image: 'x,y,z', ligand: 'water', bond_length_A: 0.96, neighbors_within_A: 2.3 },
    { on: 'O6', image: 'x,y,-z', ligand: 'hydroxide', bond_length_A: 0.96, neighbors_within_A: 2.3 },
  ],
  preparation:
    'Heavy atoms and hydrogens on carbon as published. The refinement does not show the hydrogens of the Zr6 node; the model has those of the proton ' +
    'topology of Planas et al. (J. Phys. Chem. Lett. 5, 3716 (2014)): the eight mu3-oxygens are four oxides and four hydroxides in alternation, and each ' +
    'of the four equatorial Zr carries one hydroxide and one water, so arranged that each water points at the hydroxide of the neighboring Zr. O-H 0.96 A, ' +
    'tetrahedral angles. This lowers the symmetry to P312. Oxide and hydroxide share one averaged position in the refinement: relax before use.',
  variants: [{ name: 'NU-1000', cell: 'conventional', category: 'mof' }],
};

const ZIF_8: PublishedStructure = {
  title: 'ZIF-8, Zn(2-methylimidazolate)2, guest-free',
  publication: {
    authors: [
      'Park, K. S.',
      'Ni, Z.',
      'Côté, A. P.',
      'Choi, J. Y.',
      'Huang, R.',
      'Uribe-Romo, F. J.',
      'Chae, H. K.',
      "O'Keeffe, M.",
      'Yaghi, O. M.',
    ],
    title: 'Exceptional chemical and thermal stability of zeolitic imidazolate frameworks',
    journal: 'Proc. Natl. Acad. Sci. USA',
    year: 2006,
    volume: '103',
    first_page: '10186',
    doi: '10.1073/pnas.0602439103',
  },
  deposition: 'CCDC 602542; single crystal, X-rays, 258 K',
  space_group: 'I -4 3 m',
  cell: { a: '16.9910(12)', b: '16.9910(12)', c: '16.9910(12)' },
  sites: `
    Zn1 Zn 0.5000 1.0000 0.7500
    N1  N  0.40973(12) 0.96832(11) 0.68278(11)
    C1  C  0.37705(10) 1.0079(3) 0.62295(10)
    C2  C  0.36851(17) 0.89914(16) 0.68750(18)
    C3  C  0.4061(2) 1.0855(2) 0.5939(2)
    H2  H  0.3777 0.8589 0.7234
    H3A H  0.4587 1.0798 0.5743
    H3B H  0.4058 1.1228 0.6364
    H3C H  0.3724 1.1039 0.5525`,
  ordering: {
    space_group: 'I 2 3',
    kept_images: { H3A: ['x,y,z'], H3B: ['x,y,z'], H3C: ['x,y,z'] },
  },
  preparation:
    'The refinement has each methyl group in two orientations, mirror images with half occupancy; the model keeps one, the same for all, which ' +
    'lowers the symmetry to I23. All positions as published; oxygen sites of the pore left out.',
  variants: [
    { name: 'ZIF-8', cell: 'conventional', category: 'benchmark' },
    { name: 'ZIF-8_primitive', cell: 'primitive', category: 'benchmark' },
  ],
};

const MG_MOF_74: PublishedStructure = {
  title: 'Mg-MOF-74 (CPO-27-Mg), Mg2(2,5-dioxidobenzene-1,4-dicarboxylate), open magnesium sites',
  publication: {
    authors: ['Dietzel, P. D. C.', 'Blom, R.', 'Fjellvåg, H.'],
    title:
      'Base-Induced Formation of Two Magnesium Metal-Organic Framework Compounds with a Bifunctional Tetratopic Ligand',
    journal: 'Eur. J. Inorg. Chem.',
    year: 2008,
    volume: '2008',
    first_page: '3624',
    doi: '10.1002/ejic.200701284',
  },
  deposition: 'CSD VOGTIV; X-rays',
  space_group: 'R -3 :H',
  cell: { a: '26.1102', b: '26.1102', c: '6.7192', gamma: '120' },
  sites: `
    Mg1 Mg 0.36892 0.05204 0.01489
    O1  O  0.2956 0.9707 0.1384
    O2  O  0.2277 0.9300 0.9019
    O3  O  0.2731 0.9161 0.5041
    C1  C  0.2460 0.9294 0.0767
    C2  C  0.2072 0.8801 0.2136
    C3  C  0.2218 0.8774 0.4156
    C4  C  0.48683 0.50277 0.80507`,
  placed_hydrogens: [{ on: 'C4', bond_length_A: 0.93, neighbors_within_A: 1.6 }],
  preparation:
    'The crystal is hydrated; pore water and the water molecule on magnesium left out. Ring hydrogen placed at 0.93 A on the bisector of its ' +
    'neighbors. The cell is that of the hydrate, about 2 % larger in volume than the dry framework.',
  variants: [
    { name: 'Mg-MOF-74', cell: 'conventional', category: 'benchmark' },
    { name: 'Mg-MOF-74_primitive', cell: 'primitive', category: 'benchmark' },
  ],
};

const ZN_MOF_74: PublishedStructure = {
  title: 'Zn-MOF-74 (CPO-27-Zn), Zn2(2,5-dioxidobenzene-1,4-dicarboxylate), activated, open zinc sites',
  publication: {
    authors: [
      'Queen, W. L.',
      'Hudson, M. R.',
      'Bloch, E. D.',
      'Mason, J. A.',
      'Gonzalez, M. I.',
      'Lee, J. S.',
      'Gygi, D.',
      'Howe, J. D.',
      'Lee, K.',
      'Darwish, T. A.',
      'James, M.',
      'Peterson, V. K.',
      'Teat, S. J.',
      'Smit, B.',
      'Neaton, J. B.',
      'Long, J. R.',
      'Brown, C. M.',
    ],
    title:
      'Comprehensive study of carbon dioxide adsorption in the metal-organic frameworks M2(dobdc) (M = Mg, Mn, Fe, Co, Ni, Cu, Zn)',
    journal: 'Chem. Sci.',
    year: 2014,
    volume: '5',
    first_page: '4569',
    doi: '10.1039/C4SC02064B',
  },
  deposition: 'COD 1517474; powder, neutrons, 10 K',
  space_group: 'R -3 :H',
  cell: { a: '25.9292(24)', b: '25.9292(24)', c: '6.7962(9)', gamma: '120' },
  sites: `
    Zn1 Zn 0.3833(9) 0.3534(11) 0.1394(27)
    O1  O  0.3305(9) 0.2968(8) 0.3816(34)
    O2  O  0.2999(10) 0.2273(10) 0.6027(28)
    O3  O  0.3541(9) 0.2723(10) 0.0013(33)
    C1  C  0.3166(9) 0.2450(9) 0.4287(29)
    C2  C  0.3267(9) 0.2058(9) 0.2859(27)
    C3  C  0.3441(9) 0.2235(10) 0.0940(26)
    C4  C  0.3521(9) 0.1845(10) -0.0294(29)
    H4  H  0.3651(20) 0.1942(19) -0.158(7)`,
  preparation:
    'All atoms as published, hydrogen refined. No disorder. Positions are good to 0.03 A (powder refinement).',
  variants: [
    { name: 'Zn-MOF-74', cell: 'conventional', category: 'benchmark' },
    { name: 'Zn-MOF-74_primitive', cell: 'primitive', category: 'benchmark' },
  ],
};

const MIL_47: PublishedStructure = {
  title: 'MIL-47, VO(1,4-benzenedicarboxylate), open form, guest-free',
  publication: {
    authors: ['Barthelet, K.', 'Marrot, J.', 'Riou, D.', 'Férey, G.'],
    title: 'A Breathing Hybrid Organic-Inorganic Solid with Very Large Pores and High Magnetic Characteristics',
    journal: 'Angew. Chem. Int. Ed.',
    year: 2002,
    volume: '41',
    first_page: '281',
    doi: '10.1002/1521-3773(20020118)41:2<281::AID-ANIE281>3.0.CO;2-Y',
  },
  deposition: 'asymmetric unit of the paper; X-rays',
  space_group: 'P n m a',
  cell: { a: '6.8179', b: '16.1430', c: '13.9390' },
  sites: `
    V1 V 0.2002 0.25 0.73916
    O1 O -0.0249 0.25 0.6916
    O2 O 0.3118 0.1632 0.6555
    O3 O 0.1415 0.1626 0.8335
    C1 C 0.3225 0.0329 0.5261
    C2 C 0.6675 0.0323 0.5369
    C3 C 0.4911 0.0649 0.5650
    C4 C 0.4781 0.1366 0.6333
    H1 H 0.2015 0.0554 0.5425
    H2 H 0.7830 0.0548 0.5611`,
  preparation: 'All atoms as published, ring hydrogens riding. No disorder.',
  variants: [{ name: 'MIL-47', cell: 'conventional', category: 'mof' }],
};

export const METAL_ORGANIC_FRAMEWORKS: readonly PublishedStructure[] = [
  MOF_5,
  IRMOF_10,
  HKUST_1,
  UIO_66,
  UIO_67,
  NU_1000,
  ZIF_8,
  MG_MOF_74,
  ZN_MOF_74,
  MIL_47,
];
